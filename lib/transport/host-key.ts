import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { type KnownKeys, knownKeys } from "./known-hosts.js";

/** Whom a server has to prove to be. */
export interface HostKeyPolicy {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly hostKey?: string;
  readonly knownHosts?: string;
}

/** Decides about the key that a server shows. Nothing is ever learnt, but for `first-use`, which the caller pins. */
export interface HostKeyCheck {
  /** Key types to ask the server for, one list a try: with a bare fingerprint nobody knows which of its keys is meant. */
  readonly keyTypes: readonly (readonly string[])[];
  /** Why the key is refused; undefined when it is the right one. */
  readonly refusal: (key: Buffer) => string | undefined;
}

export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

const RSA = ["rsa-sha2-512", "rsa-sha2-256"];
const ECDSA = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];
const ALL = ["ssh-ed25519", ...ECDSA, ...RSA];

export async function hostKeyCheck(policy: HostKeyPolicy): Promise<HostKeyCheck> {
  if (policy.hostKey === "first-use") return { keyTypes: [ALL], refusal: () => undefined };
  if (policy.hostKey !== undefined) return pinned(policy, policy.hostKey);
  const path = policy.knownHosts ?? join(homedir(), ".ssh", "known_hosts");
  return known(policy, path, knownKeys(await readKnownHosts(policy, path), policy.address, policy.port));
}

const pinned = ({ name }: HostKeyPolicy, expected: string): HostKeyCheck => ({
  keyTypes: [["ssh-ed25519"], ECDSA, RSA],
  refusal: (key) =>
    fingerprintOf(key) === expected
      ? undefined
      : `${name} shows the host key ${fingerprintOf(key)}, and the inventory pins ${expected}: somebody may be in between, or the machine was installed anew; only in that case put the new fingerprint into \`hostKey\``,
});

function known({ name, address, port }: HostKeyPolicy, path: string, keys: KnownKeys): HostKeyCheck {
  const howTo = `compare it with \`ssh-keygen -lf\` on the machine itself, then pin it as \`hostKey\` or add the key to ${path}`;
  const where = port === 22 ? address : `[${address}]:${port}`;
  return {
    keyTypes: [typesOf(keys)],
    refusal: (key) => {
      const shown = fingerprintOf(key);
      const encoded = key.toString("base64");
      if (keys.revoked.includes(encoded)) return `${name} shows the host key ${shown}, which ${path} marks as revoked`;
      if (keys.trusted.some((trusted) => trusted.key === encoded)) return undefined;
      if (keys.trusted.length > 0) {
        const expected = keys.trusted.map((trusted) => fingerprintOf(Buffer.from(trusted.key, "base64"))).join(" or ");
        return `${name} shows the host key ${shown}, and ${path} expects ${expected} for ${where}: somebody may be in between, or the machine was installed anew; ${howTo}`;
      }
      if (keys.hasAuthority)
        return `${name} is known to ${path} by a certificate authority only, and host certificates cannot be checked here; it shows the host key ${shown}: ${howTo}`;
      return `${name} shows the host key ${shown}, and ${path} does not know ${where}: ${howTo}`;
    },
  };
}

/** Asking for a key of another type than the known ones would be refused though the machine is the right one. */
function typesOf({ trusted }: KnownKeys): string[] {
  const types = trusted.flatMap(({ keyType }) =>
    keyType === "ssh-rsa" ? RSA : ALL.filter((type) => type === keyType),
  );
  return types.length === 0 ? ALL : [...new Set(types)];
}

async function readKnownHosts({ name }: HostKeyPolicy, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new HarnessError(
      "unreachable",
      `${name}: cannot read ${path}, so its host key cannot be checked: pin its fingerprint as \`hostKey\`, or name a file with \`knownHosts\``,
      {},
      error,
    );
  }
}
