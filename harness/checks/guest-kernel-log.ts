import type { Check } from "./check.js";
import { conclude } from "./findings.js";
import { kernelFindings, lineFigures } from "./kernel-trouble.js";

/** No guest's kernel reported trouble since the case began. */
export const guestKernelLog: Check = ({ guests }) =>
  conclude(
    "guest-kernel-log",
    guests.length,
    guests.flatMap(({ guest, kernelLog }) => kernelFindings(guest, kernelLog)),
    `the kernels of ${guests.length} guests reported no trouble`,
    lineFigures(guests.map(({ kernelLog }) => kernelLog)),
  );
