import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { basename } from "node:path";
import { HarnessError, messageOf } from "../errors.js";
import { type ClockOffset, clockOffset, ourMs } from "../host/clock.js";
import type { CaptureEvidence } from "../model/path.js";
import type { PortGroup } from "../model/ports.js";
import { until } from "../poll.js";
import { ask } from "../transport/ask.js";
import { opened } from "../transport/opening.js";
import type { Remote } from "../transport/transport.js";
import { analyseStream, type ReadAnswer } from "./analyse.js";
import { batches } from "./batches.js";
import { interfaceName, LIST_LINKS, type Link, parseLinks, stackInterfaces } from "./links.js";
import { HAND_OVER_MS, isListening, parseDropped, tcpdumpCommand } from "./tcpdump.js";

export interface CaptureOptions {
  /** Path of the file to write. */
  readonly file: string;
  readonly groups: readonly PortGroup[];
  /** Addresses of the other hosts; packets to and from others are left out. Absent: everybody's. */
  readonly peers?: readonly string[] | undefined;
  /** Size that the file may have; default 256 MiB, of some two million packets. */
  readonly maxBytes?: number | undefined;
  /** Milliseconds since the job started. */
  readonly nowMs?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RunningCapture {
  /** Ends it and tells what it came to. Never rejects: what went wrong is a `problem`. The same answer when asked again. */
  readonly stop: () => Promise<CaptureEvidence>;
}

const MAX_BYTES = 256 * 2 ** 20;

/**
 * Listens on every interface of the host from now on: once this resolves no packet is missed unless it is told. The packets'
 * heads stream over the lasting connection into the file and into the analysis; when neither can keep up the kernel's
 * ring fills, and what is lost then is counted as dropped. With the connection the capture ends, and says so.
 *
 * Bytes are those of IP packets. They are what the counters of the host's packet filter say as long as only the
 * interfaces of `stackInterfaces` are added up, and the card cuts big segments itself, as nearly all do; where the
 * kernel has to cut them, each further packet brings heads of its own.
 * @throws HarnessError `command-failed` when tcpdump does not listen, with what it said; `unreachable`
 */
export async function startCapture(remote: Remote, options: CaptureOptions): Promise<RunningCapture> {
  const { groups, peers = [], maxBytes = MAX_BYTES, nowMs, signal } = options;
  const [linksBefore, clock] = await Promise.all([links(remote, signal), clockOf(remote, nowMs)]);
  const file = fileOf(options.file, maxBytes);
  const analysis = analyseStream(groups, maxBytes);
  let listens = (): void => undefined;
  const listening = new Promise<void>((resolve) => {
    listens = resolve;
  });
  const giveUp = async (): Promise<void> => {
    await Promise.all([file.end(), analysis.end()]);
    await rm(options.file, { force: true });
  };
  const batched = batches(async (batch) => {
    await Promise.all([file.write(batch), analysis.write(batch)]);
  });
  let lastMs = 0;
  const take = (chunk: Buffer): void | Promise<void> => {
    lastMs = performance.now();
    return batched.push(chunk);
  };
  const onErrorLine = (line: string): void => {
    if (isListening(line)) listens();
  };
  try {
    const program = await remote.startBytes(tcpdumpCommand(groups, peers), take, { signal, onErrorLine });
    let isStopped = false;
    const ended = program.ended.then((end) => ({ ...end, isEarly: !isStopped || end.exitCode !== 0 }));
    const early = ended.then(({ stderr, exitCode }) => {
      throw new HarnessError(
        "command-failed",
        `${remote.name}: tcpdump does not listen: ${lastLine(stderr, exitCode)}`,
      );
    });
    const waiting = { host: remote.name, what: "tcpdump to listen", giveUp: program.stop };
    await opened(Promise.race([listening, early]), waiting, { signal });
    early.catch(() => undefined);
    const finish = async (): Promise<CaptureEvidence> => {
      isStopped = true;
      await Promise.race([program.ended, handedOver(() => lastMs)]);
      await program.stop();
      const { stderr, isEarly, exitCode } = await ended;
      await batched.end();
      const [kept, answer] = await Promise.all([file.end(), analysis.end()]);
      const linksAfter = await links(remote).catch((): Link[] => []);
      const problem = isEarly ? `tcpdump ended before it was told to: ${lastLine(stderr, exitCode)}` : kept.problem;
      const isCut = kept.bytes > maxBytes;
      if (isCut && answer.kind === "read") await truncate(options.file, answer.keptBytes);
      return evidenceOf({
        ...{ host: remote.name, file: basename(options.file), answer, isCut, problem },
        ...{ dropped: parseDropped(stderr), clock },
        links: [...linksAfter, ...linksBefore],
      });
    };
    let evidence: Promise<CaptureEvidence> | undefined;
    return {
      stop: () => {
        evidence ??= finish().catch((error: unknown) => unusable(remote.name, messageOf(error)));
        return evidence;
      },
    };
  } catch (error) {
    await giveUp();
    throw error;
  }
}

/**
 * The kernel has handed over what it had when this was asked, and on a busy host tcpdump is through with it. Where packets
 * never cease to come, that is not waited for: those that are lost then came later.
 */
async function handedOver(lastMs: () => number): Promise<void> {
  const askedMs = performance.now();
  const isThrough = async (): Promise<boolean> => performance.now() - Math.max(askedMs, lastMs()) > HAND_OVER_MS * 1.1;
  await until(isThrough, { everyMs: 50, timeoutMs: HAND_OVER_MS * 5, what: "packets to cease" }).catch(() => undefined);
}

const links = async (remote: Remote, signal?: AbortSignal): Promise<Link[]> =>
  parseLinks((await ask(remote.run, LIST_LINKS, signal)).stdout);

/** Only for the time axis: without it nothing is missing that is judged. */
const clockOf = async (remote: Remote, nowMs: CaptureOptions["nowMs"]): Promise<ClockOffset | undefined> =>
  nowMs === undefined ? undefined : clockOffset(remote.run, CLOCK_MS, nowMs).catch(() => undefined);

const CLOCK_MS = 5_000;
const lastLine = (stderr: string, exitCode: number | undefined): string =>
  stderr.trim().split("\n").at(-1) || (exitCode === undefined ? "the connection was lost" : `exit code ${exitCode}`);

const unusable = (host: string, problem: string): CaptureEvidence => ({
  host,
  ...{ packets: 0, counts: [], series: [], problem },
});

/** Writes the first `maxBytes`, and counts on. A disk that is full is a problem of this capture and no reason to throw. */
function fileOf(path: string, maxBytes: number) {
  const stream = createWriteStream(path);
  let [bytes, problem]: [number, string | undefined] = [0, undefined];
  stream.on("error", (error) => {
    problem ??= `the file could not be written: ${error.message}`;
  });
  const closed = once(stream, "close").catch(() => undefined);
  return {
    write: async (chunk: Buffer): Promise<void> => {
      const room = Math.max(0, maxBytes - bytes);
      bytes += chunk.length;
      if (room === 0 || problem !== undefined || stream.write(chunk.subarray(0, room))) return;
      await Promise.race([closed, once(stream, "drain").catch(() => undefined)]);
    },
    end: async () => {
      stream.end();
      await closed;
      return { bytes, problem };
    },
  };
}

interface Found {
  readonly host: string;
  readonly file: string;
  readonly answer: ReadAnswer;
  readonly isCut: boolean;
  readonly problem: string | undefined;
  readonly dropped: number | undefined;
  readonly clock: ClockOffset | undefined;
  readonly links: readonly Link[];
}

/** Two interfaces that nobody has a name for stand as two entries: they are told apart in the capture. */
function evidenceOf({ host, file, answer, isCut, problem, dropped, clock, links: known }: Found): CaptureEvidence {
  if (answer.kind === "no-capture") return { ...unusable(host, problem ?? answer.reason), file };
  const broken = problem ?? (answer.isWhole ? undefined : "the capture breaks off in the middle of a packet");
  const counts = answer.counts.map(({ interfaceIndex, vlan, ...count }) => ({
    ...count,
    interface: interfaceName(known, interfaceIndex, vlan),
  }));
  const series = answer.series.flatMap(({ second, kind, bytes }) => {
    const count = counts[kind];
    if (count === undefined) return [];
    const { interface: name, group, direction, side } = count;
    return [{ second, interface: name, group, direction, side, bytes }];
  });
  const startMs = answer.packets === 0 || clock === undefined ? undefined : ourMs(answer.firstS * 1000, clock);
  return {
    ...{ host, file, packets: answer.packets, counts, series },
    ...(startMs === undefined ? {} : { startMs }),
    stackInterfaces: [...new Set(stackInterfaces(known))],
    ...(dropped === undefined ? {} : { dropped }),
    ...(broken === undefined ? {} : { problem: broken }),
    ...(isCut ? { isCut } : {}),
  };
}
