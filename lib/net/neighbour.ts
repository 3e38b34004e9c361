import type { Run } from "../transport/transport.js";

/** Behind a gateway it is the gateway that asks, and nobody here knows how often. */
const RETRY = `set -u
route=$(ip -o route get "$1") || exit 1
case $route in *" via "*) exit 1 ;; esac
device=\${route##*" dev "}
cat "/proc/sys/net/ipv4/neigh/\${device%% *}/retrans_time_ms"`;

/** Of every kernel that nobody has told otherwise. */
const USUAL_MS = 1_000;

/**
 * How long a machine waits before it asks once more who has an address, milliseconds: as long as nobody answers that, what is sent
 * there waits, and so much later than it could be reached is seen that it can. Never rejects: where it is not known it is a second.
 * Source: arp(7), retrans_time_ms.
 */
export async function neighbourRetryMs(run: Run, address: string): Promise<number> {
  const command = { file: "sh", args: ["-c", RETRY, "sh", address], timeoutMs: 10_000 };
  const { exitCode, stdout } = await run(command).catch(() => ({ exitCode: 1, stdout: "" }));
  const [told] = /^\d{1,6}$/.exec(stdout.trim()) ?? [];
  return exitCode === 0 && told !== undefined ? Number(told) : USUAL_MS;
}
