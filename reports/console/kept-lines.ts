import type { Kept, KeptGuest } from "../../lib/model/kept.js";
import { shortMoment } from "../../lib/model/kept.js";
import { type Places, type Way, waysTo } from "../repro/machines.js";
import { posixLine, posixWord } from "../repro/posix-line.js";
import { safeText } from "./safe-text.js";

/** What is needed besides to say how to look at kept hosts. */
export interface Keeping extends Places {
  readonly caseId: string;
  /** Of the job. */
  readonly folder: string;
  readonly caseFolder: string;
  /** Keys of every machine and guest, as they were trusted. */
  readonly knownHosts: string;
}

/** How to look at hosts that were left as a case left them, and how to put them back. Command lines are for a POSIX shell. */
export function keptLines(kept: Kept, keeping: Keeping): string[] {
  const { caseId, folder, caseFolder } = keeping;
  const hosts = kept.hosts.join(" and ");
  return [
    line("KEPT", `${hosts} as ${caseId} left them, until ${shortMoment(kept.until)}; no other job gets them`),
    ...kept.hosts.flatMap((name) => [line("HOST", name), line("", onHost(name, keeping, ["list", "--all"]))]),
    ...kept.guests.flatMap((guest) => guestLines(guest, keeping)),
    line("CASE", caseFolder),
    line("ENDED", "pings, captures and all that came over this program's connections; guests, load and counters go on"),
    line("RELEASE", `npx migstorm release ${posixWord(folder)}`),
  ];
}

const line = (head: string, text: string): string => `${head.padEnd(11)}${head === "" ? "  " : ": "}${safeText(text)}`;

function guestLines({ guest, places, address }: KeptGuest, keeping: Keeping): string[] {
  const where =
    places.map(({ host, state }) => `${state} on ${host}`).join(" and ") || "nowhere, as far as one can tell";
  const [way] = waysTo([guest], keeping);
  const isReached = address !== undefined && way?.ssh !== undefined;
  return [
    line("GUEST", `${guest}: ${where}`),
    ...(isReached ? [line("", sshLine({ ...way, ssh: { ...way.ssh, address } }, keeping, []))] : []),
    ...places.flatMap(({ host }) => [
      line("", onHost(host, keeping, ["console", guest], ["-t"])),
      line("", `${host}:/var/log/libvirt/qemu/${guest}.log`),
    ]),
  ];
}

function onHost(name: string, keeping: Keeping, args: readonly string[], options: readonly string[] = []): string {
  const [way] = waysTo([name], keeping);
  const uri = keeping.inventory.hosts.find((host) => host.name === name)?.connectUri ?? "qemu:///system";
  const command = [...(way?.sudo ? ["sudo"] : []), "virsh", "-c", uri, ...args];
  return way?.ssh === undefined ? posixLine(command) : sshLine(way, keeping, command, options);
}

/** The line that reaches a machine as this program does: with its key, and with no other server than the one it trusted. */
function sshLine(way: Way, keeping: Keeping, command: readonly string[], options: readonly string[] = []): string {
  const { observer } = keeping.inventory;
  const [looksOn] = way.ssh?.isGuest && observer !== undefined ? waysTo([observer.name], keeping) : [];
  const via =
    looksOn?.ssh === undefined
      ? []
      : ["-o", `ProxyCommand=${posixLine(["ssh", "-W", "%h:%p", ...login(looksOn, keeping)])}`];
  const there = command.length === 0 ? [] : [posixLine(command)];
  return posixLine(["ssh", ...options, ...via, ...login(way, keeping), ...there]);
}

function login({ ssh }: Way, { knownHosts }: Keeping): string[] {
  if (ssh === undefined) return [];
  const { key, port, user, address } = ssh;
  // ssh takes what stands behind a space for another file.
  const file = /\s/.test(knownHosts) ? `"${knownHosts}"` : knownHosts;
  return [
    ...["-o", `UserKnownHostsFile=${file}`],
    ...(key === undefined ? [] : ["-o", "IdentitiesOnly=yes", "-i", key]),
    ...(port === 22 ? [] : ["-p", String(port)]),
    `${user}@${address}`,
  ];
}
