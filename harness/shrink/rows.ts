import type { Params } from "../../lib/model/params.js";

/** Something that may make a case smaller. Paths are dotted, `*` is every entry of a list. */
export type Row =
  /** Several values at once; what is reset becomes what a case has that does not say it. */
  | { readonly to?: Readonly<Record<string, unknown>>; readonly reset?: readonly string[] }
  /** A number: the lowest, and then ever smaller steps down from what it is. */
  | { readonly fewer: string; readonly lowest: number; readonly when?: (params: Params) => boolean }
  /** A number that is halved; below `lowest` it is let alone. */
  | { readonly half: string; readonly lowest: number; readonly when?: (params: Params) => boolean }
  /** Entries of a list: all, halves, quarters, and at last one by one. */
  | { readonly entries: string }
  /** Keys of a mapping, one by one. */
  | { readonly keys: string }
  /** A word: the simplest first, and only those before the one that it is. */
  | { readonly word: string; readonly simplest: readonly string[]; readonly reset?: readonly string[] };

/** A reset of one path after another. */
const each = (...paths: readonly string[]): Row[] => paths.map((path) => ({ reset: [path] }));

const SETTINGS = ["guests.flavor", "guests.metadata", "guests.imageProperties", "guests.metadataChanges"];

/**
 * In the order in which they are tried: what makes every further run shorter comes first, and of what belongs together all
 * at once before its parts. `limits.downtime`, timeouts that become shorter and `expect.outcome` are not among them: they are
 * what the case is judged by, and a stricter judgement would make any case fail.
 */
export const ROWS: readonly Row[] = [
  {
    to: { "guests.count": 1, "movement.pattern": "orderly", "movement.rounds": 1 },
    reset: ["movement.concurrency", "load", "stress", "booting"],
  },
  { fewer: "movement.rounds", lowest: 1 },
  {
    to: { "guests.count": 1, "movement.pattern": "orderly" },
    reset: ["movement.concurrency", "booting.migrating"],
  },
  { fewer: "guests.count", lowest: 1 },
  { word: "movement.pattern", simplest: ["orderly", "simultaneous", "cross"], reset: ["movement.concurrency"] },
  { word: "movement.pattern", simplest: ["simultaneous", "cross"] },
  { reset: ["movement.concurrency"] },
  { fewer: "movement.concurrency", lowest: 2 },
  { reset: ["load", "stress", "booting"] },
  ...each("load", "stress", "booting"),
  { entries: "load" },
  { reset: ["stress.guests"] },
  { reset: ["stress.hosts", "stress.hostMemory"] },
  { word: "stress.hosts", simplest: ["source", "both"] },
  { word: "stress.hosts", simplest: ["target", "both"] },
  { reset: ["stress.hostMemory"] },
  { word: "stress.hostMemory", simplest: ["half", "short"] },
  { word: "stress.kind", simplest: ["cpu", "memory"] },
  { fewer: "stress.workers", lowest: 1, when: ({ stress }) => stress.tool !== undefined },
  { half: "stress.memory", lowest: 8, when: ({ stress }) => stress.tool !== undefined && stress.kind === "memory" },
  { reset: ["booting.migrating"] },
  { fewer: "booting.besides", lowest: 0 },
  { reset: ["probes", "classes"] },
  ...each("probes", "classes", "probes.path", "probes.cpu"),
  { entries: "probes.ports" },
  ...each("probes.keepCapture", "probes.captureLimit"),
  ...each("classes.competing", "classes.filters", "classes.management", "classes.storage", "classes.migration"),
  { entries: "faults" },
  { fewer: "faults.*.leg", lowest: 1 },
  { word: "faults.*.at", simplest: ["start", "half-way"] },
  { reset: ["migration", "movement.turns"] },
  { reset: ["movement.turns"] },
  { entries: "movement.turns" },
  { reset: ["migration"] },
  { reset: ["migration.mode", "migration.timeoutAction"] },
  { reset: ["migration.channel", "migration.control"] },
  { reset: ["migration.timeout", "migration.timeoutAction"] },
  ...each("migration.mode", "migration.channel", "migration.control", "migration.timeoutAction", "migration.timeout"),
  ...each("migration.autoConverge", "migration.compression", "migration.connections", "migration.copyStorage"),
  ...each("migration.bandwidthMiBps", "migration.maxDowntime"),
  { fewer: "migration.connections", lowest: 2 },
  { reset: ["guests.disks", "guests.boot", "guests.cache", "guests.localPool", ...SETTINGS] },
  { reset: SETTINGS },
  ...each(...SETTINGS),
  { entries: "guests.metadataChanges" },
  { keys: "guests.flavor.extraSpecs" },
  { keys: "guests.metadata" },
  { keys: "guests.imageProperties" },
  { reset: ["guests.disks"] },
  { entries: "guests.disks" },
  ...each("guests.boot", "guests.cache", "guests.localPool"),
  { entries: "guests.image" },
  { fewer: "guests.vcpus", lowest: 1 },
  { half: "guests.memory", lowest: 128 },
  ...each("expect.cpuRatio", "expect.channel"),
  ...each("expect.redSays"),
  { entries: "expect.red" },
  ...each("limits.warnDowntime"),
];
