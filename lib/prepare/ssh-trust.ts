import { HarnessError } from "../errors.js";
import type { HostChange } from "../model/command.js";
import type { Run } from "../transport/transport.js";
import { fileLines } from "./file-line.js";

const TIMEOUT_MS = 20_000;

/** Only a URI of the ssh transport makes one host log in to another. */
export const needsSshTrust = (peerUri: string): boolean => /^[a-z]+\+ssh:/.test(peerUri);

/**
 * Who a peer URI of the ssh transport logs in as; a URI that does not say takes the user that virsh or libvirtd runs as,
 * which is root. Undefined for other transports.
 */
export function peerUser(peerUri: string): string | undefined {
  const [, user] = /^[a-z]+\+ssh:\/\/(?:([^@/?]*)@)?/.exec(peerUri) ?? [];
  return needsSshTrust(peerUri) ? (user ?? "root") : undefined;
}

/** Where the source host keeps the key of this job for the way to the other hosts. */
const keyPath = (jobKey: string): string => `/run/migstorm/ssh-${jobKey}/id`;

/**
 * Makes a key on the host, for this job alone. It is made there so that its private half never travels and never
 * stands in a journal.
 */
export const makeKey = (jobKey: string): HostChange => ({
  what: `ssh key for job ${jobKey}`,
  apply: {
    file: "sh",
    args: [
      "-c",
      'set -eu; umask 077; mkdir -p "$(dirname "$1")"; [ -e "$1" ] || ssh-keygen -q -t ed25519 -N "" -C "$2" -f "$1"',
      "sh",
      keyPath(jobKey),
      `migstorm-${jobKey}`,
    ],
    timeoutMs: TIMEOUT_MS,
  },
  undo: { file: "rm", args: ["-rf", "--", keyPath(jobKey).replace(/\/id$/, "")], timeoutMs: TIMEOUT_MS },
});

/** @throws HarnessError `command-failed` when the key of this job is not there */
export async function publicKey(run: Run, jobKey: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run({
    file: "cat",
    args: [`${keyPath(jobKey)}.pub`],
    timeoutMs: TIMEOUT_MS,
  });
  const line = stdout.trim();
  if (exitCode === 0 && /^ssh-ed25519 [A-Za-z0-9+/=]+ migstorm-\S+$/.test(line)) return line;
  throw new HarnessError("command-failed", `cannot read the job's public key: ${stderr.trim()}`);
}

/**
 * The host keys of a machine, read over the connection whose host key was checked, so that they can be trusted.
 * @returns `ssh-ed25519 AAAA…` and the like, without comments
 */
export async function hostKeys(run: Run): Promise<string[]> {
  const { stdout } = await run({
    file: "sh",
    args: [
      "-c",
      'cat -- "$(dirname "$(sshd -T 2>/dev/null | sed -n "s/^hostkey //p" | head -n1)")"/*_key.pub 2>/dev/null || cat /etc/ssh/ssh_host_*_key.pub',
    ],
    timeoutMs: TIMEOUT_MS,
  });
  const keys = stdout.split("\n").flatMap((line) => /^((?:ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+)/.exec(line)?.[1] ?? []);
  if (keys.length === 0) throw new HarnessError("command-failed", "found no ssh host key to trust");
  return keys;
}

/** On the receiving host: the job's key may log in. */
export const authorize = (key: string, from: string): HostChange =>
  fileLines(`let ${from} log in by ssh for this job`, ".ssh/authorized_keys", [`restrict ${key}`]);

/** On the sending host: the receiving host's keys are known, so that they are checked and nothing is asked. */
export const trustHost = (address: string, keys: readonly string[], jobKey: string): HostChange =>
  fileLines(
    `know the ssh host keys of ${address}`,
    ".ssh/known_hosts",
    keys.map((key) => `${address} ${key} migstorm-${jobKey}`),
  );

/** The peer URI with this job's key, without questions: `…?keyfile=…&no_tty=1`. */
export function uriWithKey(peerUri: string, jobKey: string): string {
  if (!needsSshTrust(peerUri)) return peerUri;
  const separator = peerUri.includes("?") ? "&" : "?";
  return `${peerUri}${separator}keyfile=${keyPath(jobKey)}&no_tty=1`;
}

/** Host name and port of a libvirt URI as known_hosts writes them. */
export function knownHostsName(peerUri: string): string {
  const { hostname, port } = new URL(peerUri.replace(/^[a-z+]+:/, "ssh:"));
  const bare = hostname.replace(/^\[|\]$/g, "");
  return port === "" || port === "22" ? bare : `[${bare}]:${port}`;
}
