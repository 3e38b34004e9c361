import { isIP } from "node:net";
import { HarnessError } from "../errors.js";
import type { Run } from "../transport/transport.js";

/**
 * The addresses behind the names of another host, as this host finds them.
 * @param names some may be missing, some may be addresses already; `[::1]` is one too
 * @throws HarnessError `command-failed` when none of them has an address
 */
export async function peerAddresses(run: Run, names: readonly (string | undefined)[]): Promise<string[]> {
  const given = [...new Set(names.flatMap((name) => name?.replace(/^\[|\]$/g, "") ?? []))].filter(Boolean);
  const asked = given.filter((name) => isIP(name) === 0);
  const found = await Promise.all(
    asked.map(async (name) =>
      parseHosts((await run({ file: "getent", args: ["ahosts", name], timeoutMs: 30_000 })).stdout),
    ),
  );
  const addresses = [...new Set([...given.filter((name) => isIP(name) !== 0), ...found.flat()])];
  if (addresses.length === 0) throw new HarnessError("command-failed", `no address is known of ${given.join(", ")}`);
  return addresses;
}

/** `198.18.0.12  STREAM lab-h2`, a line for each kind of socket. */
export const parseHosts = (text: string): string[] => [
  ...new Set(text.split("\n").flatMap((line) => line.split(/\s/, 1).filter((word) => isIP(word) !== 0))),
];
