import { expand } from "../../harness/expand.js";
import { loadScenario } from "../../harness/load.js";

/** Expands one scenario in a process of its own and prints what it took, as JSON. */
const startMs = performance.now();
const cases = expand(await loadScenario(process.argv[2] ?? ""));
const tookMs = performance.now() - startMs;
const peakRssMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ cases: cases.length, tookMs, peakRssMiB }));
