import { HarnessError } from "../errors.js";
import type { Command } from "../model/command.js";
import type { Run } from "../transport/transport.js";

/** What sends the pings of a migration. */
export type Pinger = "fping" | "ping";

/**
 * fping where the machine has it: it keeps to 10 ms at next to no cost. The ping of iputils sends every 16 ms then, on a
 * kernel of 250 Hz, and below 10 ms it keeps a whole CPU busy (both measured with 20221126).
 */
export async function pingerOf(run: Run): Promise<Pinger> {
  const { exitCode } = await run({ file: "sh", args: ["-c", "command -v fping >/dev/null"], timeoutMs: 10_000 });
  return exitCode === 0 ? "fping" : "ping";
}

/** An answer may come this late and still be told: as late as anybody waits for a guest. */
const LATE_MS = 60_000;

/** Pings an address every `intervalMs` until it is stopped; its lines are for `parsePingLine`. */
export function pingStream(
  pinger: Pinger,
  address: string,
  intervalMs: number,
): { file: string; args: readonly string[] } {
  const args =
    pinger === "fping"
      ? ["fping", "-l", "-D", "-p", String(intervalMs), "-t", String(LATE_MS), address]
      : // Without -D ping prints no times, without -O nothing for an answer that does not come.
        ["ping", "-n", "-D", "-O", "-i", String(intervalMs / 1000), "-W", "1", address];
  return { file: "stdbuf", args: ["-oL", ...args] };
}

/** One line of the stream that matters. Times are the observer's own clock, milliseconds since 1970. */
export type PingLine =
  | {
      readonly kind: "answer";
      readonly atMs: number;
      readonly sequence: number;
      /** From the ping to its answer, milliseconds. */
      readonly tookMs: number;
      readonly duplicate: boolean;
    }
  /** Printed when the next one is sent: until then this one was not answered. It may still be. */
  | { readonly kind: "no-answer"; readonly atMs: number; readonly sequence: number };

const PING = /^\[(\d{1,12}\.\d{6})\] (?:(no answer yet for )|\d+ bytes from )(?:.*? )?icmp_seq=(\d+)\b(.*)$/;
const FPING =
  /^\[(\d{1,12}\.\d{5,6})\] \S+ *: (duplicate for )?\[(\d+)\], (?:(timed out)|\d+ bytes, (\d+(?:\.\d+)?) ms)/;

/**
 * Reads a line of `ping -D -O` or `fping -l -D`. Lines about anything else (headers, "Destination Host Unreachable" from
 * a router) are `undefined`: what they mean for the guest is told by the answers that are missing.
 */
export function parsePingLine(line: string): PingLine | undefined {
  const text = line.slice(0, 500);
  return parseIputils(text) ?? parseFping(text);
}

function parseIputils(line: string): PingLine | undefined {
  const [, seconds, missing, sequence, rest = ""] = PING.exec(line) ?? [];
  if (seconds === undefined || sequence === undefined) return undefined;
  const at = { atMs: milliseconds(seconds), sequence: Number(sequence) };
  if (missing !== undefined) return { kind: "no-answer", ...at };
  const took = /\btime=(\d+(?:\.\d+)?) ms/.exec(rest)?.[1];
  if (took === undefined) return undefined;
  return { kind: "answer", ...at, tookMs: Number(took), duplicate: rest.includes("(DUP!)") };
}

function parseFping(line: string): PingLine | undefined {
  const [, seconds, duplicate, sequence, missing, took] = FPING.exec(line) ?? [];
  if (seconds === undefined || sequence === undefined) return undefined;
  const at = { atMs: milliseconds(seconds), sequence: Number(sequence) };
  if (missing !== undefined) return { kind: "no-answer", ...at };
  return { kind: "answer", ...at, tookMs: Number(took), duplicate: duplicate !== undefined };
}

/** Two integers, because a double has not the digits for microseconds since 1970 times a thousand. */
function milliseconds(seconds: string): number {
  const [whole = "", fraction = ""] = seconds.split(".");
  return Number(whole) * 1000 + Number(fraction.padEnd(6, "0")) / 1000;
}

/** Answers to `count` pings, one every 10 to 50 ms. No answer at all is 0; a ping that cannot be sent is an error. */
export async function pingCount(run: Run, pinger: Pinger, address: string, count: number): Promise<number> {
  const result = await run(pingCommand(pinger, address, count));
  const received = parseReceived(pinger === "fping" ? result.stderr : result.stdout);
  if (received !== undefined && result.exitCode <= 1) return received;
  throw new HarnessError("command-failed", `${result.host}: cannot ping ${address}: ${result.stderr.trim()}`, {
    result,
  });
}

/** fping waits two seconds for each answer; ping of iputils only twice as long as the slowest one took. */
const pingCommand = (pinger: Pinger, address: string, count: number): Command => ({
  file: pinger,
  args:
    pinger === "fping"
      ? ["-q", "-c", String(count), "-p", "10", "-t", "2000", address]
      : ["-n", "-q", "-i", "0.05", "-W", "2", "-c", String(count), address],
  timeoutMs: 20_000 + count * 1000,
});

/** `5 packets transmitted, 5 received, …`, `5 packets received` of busybox, `xmt/rcv/%loss = 5/5/0%` of fping. */
export function parseReceived(text: string): number | undefined {
  const received =
    /^\d+ packets transmitted, (\d+) (?:packets )?received/m.exec(text)?.[1] ??
    /: xmt\/rcv\/%loss = \d+\/(\d+)\//.exec(text)?.[1];
  return received === undefined ? undefined : Number(received);
}
