import type { Load, Params, Stress } from "./params.js";

/** One load of a case at one kind of place. */
export interface PlannedLoad {
  readonly on: Load["on"];
  readonly tool: Load["tool"];
  /** Arguments; `heldMiB` is what the host was found to have to give, for a load with `hostMemory`. */
  readonly args: (heldMiB?: number) => readonly string[];
  /** Absent: the arguments do not depend on the host. */
  readonly hostMemory?: "half" | "short";
  /** Memory that it has to hold to be what it says, MiB; absent where it is not known, or found out on the host. */
  readonly memoryMiB?: number;
}

/** Every load of a case: those that are written out, and what `stress` makes. Pure. */
export const loadsOf = ({ load, stress }: Params): PlannedLoad[] => [
  ...load.map(({ on, tool, args }) => ({ on, tool, args: () => args })),
  ...stressLoads(stress),
];

/** Tools that a case starts in guests, each once. Pure. */
export const toolsInGuests = (params: Params): string[] => [
  ...new Set(loadsOf(params).flatMap(({ on, tool }) => (on === "guests" ? [tool] : []))),
];

function stressLoads({ tool, hosts, guests, ...stress }: Stress): PlannedLoad[] {
  if (tool === undefined) return [];
  const places: Load["on"][] = hosts === "both" ? ["source", "target"] : hosts === undefined ? [] : [hosts];
  return [
    ...(guests ? [plain("guests", tool, stress)] : []),
    ...places.map((on) =>
      stress.hostMemory === undefined
        ? plain(on, tool, stress)
        : {
            on,
            tool,
            hostMemory: stress.hostMemory,
            args: (heldMiB = 0) => [
              ...(stress.kind === "cpu"
                ? besideCpu(tool, stress, heldMiB)
                : memory(tool, holders(stress, stress.workers), heldMiB)),
              ...until(stress),
            ],
          },
    ),
  ];
}

/** A number of workers, and the options that neither end nor replace a worker of theirs. */
const WORKERS = /^(?:--cpu|--vm|-c|-m)$/;
const PLAIN = /^(?:--vm-bytes|--vm-keep|--quiet|-q|--timeout|-t|\d+[a-zA-Z]?)$/;
/** A worker for memory sleeps then: what computes beside it is seen to. */
const SLEEPS = /^--vm-hang$/;

/**
 * How many workers these arguments promise from the first moment to the last, all of which compute but those that sleep
 * beside one that does. Absent: there are options among them of which nobody here knows what they promise.
 */
export function workersOf(args: readonly string[]): number | undefined {
  const isKnown = args.every((arg) => [WORKERS, PLAIN, SLEEPS].some((known) => known.test(arg)));
  const counts = args.flatMap((arg, index) => (WORKERS.test(arg) ? Number(args[index + 1]) : []));
  const doesCompute = args.some((arg) => /^(?:--cpu|-c)$/.test(arg)) || !args.some((arg) => SLEEPS.test(arg));
  const isCounted = counts.length > 0 && counts.every((count) => Number.isInteger(count) && count > 0);
  return isKnown && isCounted && doesCompute ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

type Shape = Omit<Stress, "tool" | "hosts" | "guests">;

const plain = (on: Load["on"], tool: Load["tool"], stress: Shape): PlannedLoad =>
  stress.kind === "cpu"
    ? { on, tool, args: () => [...cpu(stress), ...until(stress)] }
    : {
        on,
        tool,
        memoryMiB: stress.memory * stress.workers,
        args: () => [...memory(tool, stress.workers, stress.memory * stress.workers), ...until(stress)],
      };

const cpu = ({ workers }: Shape): string[] => ["--cpu", String(workers)];

const memory = (tool: Load["tool"], workers: number, totalMiB: number): string[] => [
  ...ofMemory(tool, workers, totalMiB),
  "--vm-keep",
];

/** `--vm-bytes` is a worker's share for stress; stress-ng divides it by the number of its workers. */
const ofMemory = (tool: Load["tool"], workers: number, totalMiB: number): string[] => [
  ...["--vm", String(workers)],
  ...["--vm-bytes", `${tool === "stress" ? Math.floor(totalMiB / workers) : totalMiB}M`],
];

/** Beside them somebody who writes the memory once, and then holds it without computing. */
const besideCpu = (tool: Load["tool"], stress: Shape, totalMiB: number): string[] => [
  ...cpu(stress),
  ...ofMemory(tool, holders(stress, 1), totalMiB),
  ...["--vm-hang", "0"],
];

/** No kernel gives one worker more than the machine has in all, used or not: a shortage takes two. */
const holders = ({ hostMemory }: Shape, workers: number): number =>
  hostMemory === "short" ? Math.max(2, workers) : workers;

const until = ({ duration }: Shape): string[] => ["--quiet", "--timeout", String(Math.ceil(duration / 1000))];
