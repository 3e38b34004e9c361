import { HarnessError } from "../errors.js";
import type { Run } from "../transport/transport.js";

/** The first address that a name resolves to, as for any program on that host, and the way the kernel would take to it. */
const ROUTE = `set -u
addresses=$(getent ahosts "$1") || { echo "it does not know the address" >&2; exit 1; }
ip -o route get "\${addresses%% *}"`;

/**
 * The interface by which a host sends to an address; asked, because a host may have any number of networks.
 * @param to a name or an address
 * @throws HarnessError `command-failed` when there is no way, or none that leaves the host
 */
export async function interfaceTo(run: Run, to: string): Promise<string> {
  const { exitCode, host, stdout, stderr } = await run({
    file: "sh",
    args: ["-c", ROUTE, "sh", to],
    timeoutMs: 30_000,
  });
  const name = exitCode === 0 ? parseRoute(stdout) : undefined;
  if (name === undefined)
    throw new HarnessError("command-failed", `${host}: cannot tell the interface to ${to}: ${stderr.trim()}`);
  if (name === "lo") throw new HarnessError("command-failed", `${host}: ${to} is an address of this host itself`);
  return name;
}

/** `198.18.0.12 dev br0 src 198.18.0.11 uid 0 \    cache`; a gateway stands before `dev`. Fixture: `iproute2-6.1/route-get.txt`. */
export const parseRoute = (text: string): string | undefined => /^\S.* dev ([\w.@:-]{1,15})(?: |$)/m.exec(text)?.[1];
