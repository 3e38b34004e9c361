import type { Check } from "./check.js";
import { conclude } from "./findings.js";
import { addedLines, kernelFindings } from "./kernel-trouble.js";

/** Neither host's kernel reported trouble since the case began. */
export const hostKernelLog: Check = ({ hosts }) =>
  conclude(
    "host-kernel-log",
    hosts.length,
    hosts.flatMap(({ host, kernelLog }) => kernelFindings(host, kernelLog)),
    `the kernels of ${hosts.length} hosts reported no trouble`,
    { addedLines: addedLines(hosts.map(({ kernelLog }) => kernelLog)) },
  );
