import { createHmac } from "node:crypto";

/** One line of a known_hosts file, see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
interface KnownHost {
  readonly marker?: "@revoked" | "@cert-authority";
  readonly patterns: string;
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
}

/** What a known_hosts file says of one host. */
export interface KnownKeys {
  /** Keys it may show, base64, with their types. */
  readonly trusted: readonly { readonly keyType: string; readonly key: string }[];
  /** Keys it must never show, base64. */
  readonly revoked: readonly string[];
  /** Host certificates would be accepted by OpenSSH here; the ssh library cannot check them. */
  readonly hasAuthority: boolean;
}

/** @param address as in the inventory. With another port than 22 OpenSSH writes `[address]:port`, and so is it sought. */
export function knownKeys(text: string, address: string, port: number): KnownKeys {
  const hosts = text.split("\n").flatMap(parseLine);
  const exact = keysFor(hosts, port === 22 ? address : `[${address}]:${port}`);
  if (port === 22 || exact.trusted.length > 0 || exact.revoked.length > 0) return exact;
  return keysFor(hosts, address);
}

/** The line of such a file for a key as a server shows it: its type stands at its begin (RFC 4253, 6.6). */
export function knownHostsLine(address: string, port: number, key: Buffer): string {
  const keyType = key.subarray(4, 4 + (key.length < 4 ? 0 : key.readUInt32BE(0))).toString("latin1");
  return `${port === 22 ? address : `[${address}]:${port}`} ${keyType} ${key.toString("base64")}`;
}

function keysFor(hosts: readonly KnownHost[], name: string): KnownKeys {
  const here = hosts.filter(({ patterns }) => matches(patterns, name.toLowerCase()));
  return {
    trusted: here.filter(({ marker }) => marker === undefined).map(({ keyType, key }) => ({ keyType, key })),
    revoked: here.filter(({ marker }) => marker === "@revoked").map(({ key }) => key),
    hasAuthority: here.some(({ marker }) => marker === "@cert-authority"),
  };
}

/** A line that is no line of such a file is passed over, as OpenSSH does: it can only make us trust less. */
function parseLine(line: string): KnownHost[] {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
  const [patterns, keyType, key] = words;
  if (patterns === undefined || keyType === undefined || key === undefined || patterns.startsWith("#")) return [];
  if (marker === undefined) return [{ patterns, keyType, key }];
  return marker === "@revoked" || marker === "@cert-authority" ? [{ marker, patterns, keyType, key }] : [];
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) return matchesHash(patterns, name);
  const list = patterns.toLowerCase().split(",");
  if (list.some((pattern) => pattern.startsWith("!") && glob(pattern.slice(1), name))) return false;
  return list.some((pattern) => !pattern.startsWith("!") && glob(pattern, name));
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both base64. */
function matchesHash(hashed: string, name: string): boolean {
  const [, , salt = "", hash = ""] = hashed.split("|");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

/** `*` and `?` only: brackets are part of `[address]:port`. Linear, whatever the pattern. */
function glob(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      retry = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      index = retry;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
