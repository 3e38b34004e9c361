import { report } from "../../harness/commands/report.js";

/** Makes the reports of a job, in a process of its own, and tells how much memory that took at most. */
const [folder = "", singleFile] = process.argv.slice(2);
const startMs = performance.now();
await report(folder, () => undefined, singleFile === undefined ? {} : { singleFile });
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ tookMs: performance.now() - startMs, cpuMs: (user + system) / 1000, peakMiB }));
