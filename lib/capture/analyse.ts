import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { HarnessError } from "../errors.js";
import type { PortGroup } from "../model/ports.js";
import { ownScript } from "../own-script.js";
import { cappedOutput } from "../transport/capped.js";
import type { PortCount } from "./port-table.js";
import type { Tallied, TalliedPoint } from "./tally.js";

/** What the reader is to do. */
export interface ReadOrder {
  readonly groups: readonly PortGroup[];
  readonly byPort: boolean;
  /** Size that the file may have; see `keptBytes`. */
  readonly maxBytes: number;
}

/** What it found. */
export type ReadAnswer =
  | { readonly kind: "no-capture"; readonly reason: string }
  | {
      readonly kind: "read";
      /** All, and those that are TCP and have ports. */
      readonly packets: number;
      readonly segments: number;
      /** The second of the first packet, since 1970 by the clock of whoever captured: second 0 of `series`. */
      readonly firstS: number;
      /** False: it breaks off, or is damaged, after the packets that are counted here. */
      readonly isWhole: boolean;
      /** Size of a pcap file that holds as many of the packets as `maxBytes` allows. */
      readonly keptBytes: number;
      readonly counts: readonly Tallied[];
      readonly series: readonly TalliedPoint[];
      /** With `byPort`. */
      readonly ports?: readonly PortCount[];
    };

export type Analysis = Extract<ReadAnswer, { kind: "read" }>;

/** Megabytes of memory that the reader's JavaScript may take. */
const READER_HEAP_MIB = 256;

/**
 * Reads a capture file that somebody else made: pcap or pcapng, of Ethernet, Linux cooked (both), raw IP or loopback.
 * @param byPort also counts each port
 * @throws HarnessError `bad-input` when it is none; `internal` when the reader broke
 */
export async function analyseFile(
  path: string,
  groups: readonly PortGroup[],
  byPort = false,
  signal?: AbortSignal,
): Promise<Analysis> {
  const reader = startReader(path === "-" ? "./-" : path, { groups, byPort, maxBytes: 0 });
  const kill = (): void => void reader.child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  reader.child.stdin?.end();
  const answer = await reader.answer.finally(() => signal?.removeEventListener("abort", kill));
  signal?.throwIfAborted();
  if (answer.kind === "read") return answer;
  throw new HarnessError("bad-input", `${path}: no capture that can be read: ${answer.reason}`);
}

/** An analysis that goes on while the capture grows. */
export interface StreamAnalysis {
  /** Hands over what is next. Pending while the reader has not caught up; never rejects. */
  readonly write: (chunk: Buffer) => Promise<void>;
  /** No more comes. */
  readonly end: () => Promise<ReadAnswer>;
}

export function analyseStream(groups: readonly PortGroup[], maxBytes: number): StreamAnalysis {
  const { child, answer } = startReader("-", { groups, byPort: false, maxBytes });
  const { stdin } = child;
  let isOver = false;
  const over = once(child, "close").then(
    () => undefined,
    () => undefined,
  );
  void over.then(() => {
    isOver = true;
  });
  // The reader has given up: what it found is told in its answer.
  stdin?.on("error", () => undefined);
  return {
    write: async (chunk) => {
      if (isOver || stdin === null || stdin.write(chunk)) return;
      await Promise.race([over, new Promise<void>((resolve) => stdin.once("drain", resolve))]);
    },
    end: () => {
      stdin?.end();
      return answer.catch((error: Error): ReadAnswer => ({ kind: "no-capture", reason: error.message }));
    },
  };
}

/** In a process group of its own, so that Ctrl-C does not end it before it has told. It ends with its input. */
function startReader(path: string, order: ReadOrder) {
  const argv = [...ownScript("./reader", import.meta.url, READER_HEAP_MIB), path, JSON.stringify(order)];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const answer = answerOf(child);
  // Whoever writes to it may hear of the end later than it comes.
  answer.catch(() => undefined);
  return { child, answer };
}

async function answerOf(child: ChildProcess): Promise<ReadAnswer> {
  const [stdout, stderr] = [cappedOutput(), cappedOutput(16 * 1024)];
  child.stdout?.on("data", stdout.push);
  child.stderr?.on("data", stderr.push);
  const [exitCode] = await once(child, "close");
  try {
    return JSON.parse(stdout.text()) as ReadAnswer;
  } catch (error) {
    const said = stderr.text().trim().split("\n").slice(-3).join(" ");
    throw new HarnessError(
      "internal",
      `the reader of captures ended with ${exitCode ?? "a signal"}: ${said}`,
      {},
      error,
    );
  }
}
