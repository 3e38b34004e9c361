import { HarnessError } from "../errors.js";
import type { GuestSnapshot } from "../model/check.js";
import { ask } from "../transport/ask.js";
import type { Run } from "../transport/transport.js";

type Said = Required<Pick<GuestSnapshot, "bootId" | "uptimeS">>;

const FILES = ["/proc/sys/kernel/random/boot_id", "/proc/uptime"];

/** What a guest says of itself: one command, two files that every Linux has. */
export async function guestSnapshot(run: Run): Promise<Said> {
  const { exitCode, host, stdout, stderr } = await ask(run, { file: "cat", args: FILES, timeoutMs: 15_000 });
  const snapshot = exitCode === 0 ? parseGuestSnapshot(stdout) : undefined;
  if (snapshot !== undefined) return snapshot;
  throw new HarnessError("command-failed", `${host} does not say its boot id and uptime: ${stderr.trim()}`);
}

export function parseGuestSnapshot(text: string): Said | undefined {
  const [, bootId, uptime] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\n(\d+(?:\.\d+)?) /.exec(text) ?? [];
  return bootId === undefined || uptime === undefined ? undefined : { bootId, uptimeS: Number(uptime) };
}
