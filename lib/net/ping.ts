import { HarnessError } from "../errors.js";
import type { Command } from "../model/command.js";
import type { Run } from "../transport/transport.js";

/** Without -D ping prints no times, without -O nothing for an answer that does not come. */
const STREAM = ["-n", "-D", "-O"];

/** Pings an address every `intervalMs` until it is stopped; its lines are for `parsePingLine`. */
export const pingStream = (address: string, intervalMs: number): { file: string; args: readonly string[] } => ({
  file: "stdbuf",
  args: ["-oL", "ping", ...STREAM, "-i", String(intervalMs / 1000), "-W", "1", address],
});

/** One line of the stream that matters. Times are the observer's own clock, milliseconds since 1970. */
export type PingLine =
  | { readonly kind: "answer"; readonly atMs: number; readonly sequence: number; readonly duplicate: boolean }
  /** Printed when the next one is sent: until then this one was not answered. It may still be. */
  | { readonly kind: "no-answer"; readonly atMs: number; readonly sequence: number };

const LINE = /^\[(\d{1,12})\.(\d{6})\] (?:(no answer yet for )|\d+ bytes from )(?:.*? )?icmp_seq=(\d+)\b(.*)$/;

/**
 * Reads a line of iputils' `ping -D -O`. Lines about anything else (headers, "Destination Host Unreachable" from a
 * router) are `undefined`: what they mean for the guest is told by the answers that are missing.
 */
export function parsePingLine(line: string): PingLine | undefined {
  const [, seconds, micros, missing, sequence, rest = ""] = LINE.exec(line.slice(0, 500)) ?? [];
  if (seconds === undefined || micros === undefined || sequence === undefined) return undefined;
  const at = { atMs: Number(seconds) * 1000 + Number(micros) / 1000, sequence: Number(sequence) };
  if (missing !== undefined) return { kind: "no-answer", ...at };
  return /\btime=/.test(rest) ? { kind: "answer", ...at, duplicate: rest.includes("(DUP!)") } : undefined;
}

/** Answers to `count` pings, one every 50 ms. No answer at all is 0; a ping that cannot be sent is an error. */
export async function pingCount(run: Run, address: string, count: number): Promise<number> {
  const result = await run(pingCommand(address, count));
  const received = parseReceived(result.stdout);
  if (received !== undefined && result.exitCode <= 1) return received;
  throw new HarnessError("command-failed", `${result.host}: cannot ping ${address}: ${result.stderr.trim()}`, {
    result,
  });
}

const pingCommand = (address: string, count: number): Command => ({
  file: "ping",
  args: ["-n", "-q", "-i", "0.05", "-W", "2", "-c", String(count), address],
  timeoutMs: 20_000 + count * 1000,
});

/** `5 packets transmitted, 5 received, …`, of iputils and (`5 packets received`) of busybox. Duplicates do not count. */
export function parseReceived(text: string): number | undefined {
  const received = /^\d+ packets transmitted, (\d+) (?:packets )?received/m.exec(text)?.[1];
  return received === undefined ? undefined : Number(received);
}
