import { writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { messageOf } from "../../lib/errors.js";
import { capturePart } from "./capture.js";
import { inChildren, type Outcome } from "./children.js";
import { legsPart } from "./legs.js";
import { listingPart } from "./listing.js";
import { matrixPart } from "./matrix.js";
import { probesPart } from "./probes.js";
import { reportPart } from "./report-part.js";
import { scalePart } from "./scale.js";
import { missedIn, type Part, tableText } from "./table.js";
import { wholeCasePart } from "./whole-case.js";

/** The benchmark: everything is measured in turn on one machine, so that ratios count and not milliseconds. */
const whole = (text: string): number => {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number, 1 or more.");
};

const PARTS = ["legs", "case", "matrix", "scale", "probes", "list", "capture", "report"] as const;
type PartName = (typeof PARTS)[number];
interface Options {
  readonly part?: PartName;
  readonly rounds?: number;
  readonly guests?: number;
  readonly job?: string;
  readonly json?: string;
}

const program = new Command("bench")
  .description(
    "Measures the engine against a bare loop, a whole case against its legs, the matrix with and without guests that are handed on, many guests at once, legs with and without probes, listing, the analysis of a capture, and the reports of a thousand cases with their evidence. Each part is measured in a process of its own. All but the last three need root. Exit code 1: a target was missed, or a part failed.",
  )
  .addOption(new Option("--part <part>", "measure this part only").choices(PARTS))
  .option(
    "--rounds <n>",
    "rounds of each measurement (default: 8 of legs, 3 of cases, 2 of the matrix, 6 of probes, 5 of listing and captures, 3 of reports)",
    whole,
  )
  .option("--guests <n>", "how many guests there are (default: 2 for the legs and the probes, 32 for scale)", whole)
  .option(
    "--job <dir>",
    "take the cases of this job for the reports, over and over (default: cases as the lab makes them)",
  )
  .option("--json <file>", "write everything there as JSON")
  .parse();
const { part, rounds, guests, job, json } = program.opts<Options>();

const MEASURES: Readonly<Record<PartName, () => Promise<Part[]>>> = {
  legs: () => legsPart(rounds ?? 8, guests ?? 2),
  case: () => wholeCasePart(rounds ?? 3),
  matrix: () => matrixPart(rounds ?? 2),
  scale: () => scalePart(guests ?? 32),
  probes: () => probesPart(rounds ?? 6, guests ?? 2),
  list: () => listingPart(rounds ?? 5),
  capture: () => capturePart(rounds ?? 5),
  report: () => reportPart(rounds ?? 3, job),
};

async function measure(name: PartName): Promise<Outcome> {
  try {
    const parts = await MEASURES[name]();
    for (const one of parts) console.log(tableText(one));
    return {
      measured: { [name]: Object.fromEntries(parts.map(({ title, data }) => [title, data])) },
      wrong: parts.flatMap(missedIn),
    };
  } catch (error) {
    return { measured: {}, wrong: [`${name}: failed: ${messageOf(error)}`] };
  }
}

const given = Object.entries({ rounds, guests, job }).flatMap(([name, value]) =>
  value === undefined ? [] : [`--${name}`, String(value)],
);
const isAlone = part !== undefined;
const { measured, wrong } = isAlone
  ? await measure(part)
  : await inChildren(fileURLToPath(import.meta.url), PARTS, given);
const machine = {
  cores: cpus().length,
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  load: loadavg(),
  node: process.version,
};
console.log(
  `${machine.cores} cores, load ${machine.load.map((value) => value.toFixed(1)).join(" ")}, node ${machine.node}`,
);
for (const sentence of wrong) console.error(`WRONG: ${sentence}`);
if (wrong.length > 0) process.exitCode = 1;
if (json !== undefined)
  await writeFile(json, `${JSON.stringify({ at: new Date().toISOString(), machine, measured, wrong }, null, 2)}\n`);
