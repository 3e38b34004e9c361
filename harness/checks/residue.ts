import type { HostEvidence, HostSnapshot } from "../../lib/model/check.js";
import type { LoadEvidence } from "../../lib/model/load-evidence.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, warn } from "./findings.js";

/**
 * Nothing of the case is left on the hosts: no domain, no QEMU process of its guests, no listener on a migration port,
 * no firewall rule, no load. Guests that are left for the next case are where they have to be, nowhere else, and without load.
 * What others have done on a host in the meantime is not held against it.
 */
export const residue: Check = ({ hosts, guests, boots, load, areGuestsLeft = false }) => {
  const oursOn = ({ host }: HostEvidence): ReadonlySet<string> => {
    const away = guests.filter(({ expectedHost }) => !areGuestsLeft || expectedHost !== host);
    return new Set([...away, ...boots.filter(({ isMigrating }) => !isMigrating)].map(({ guest }) => guest));
  };
  return conclude(
    "residue",
    hosts.length,
    [...hosts.flatMap((host) => judge(host, oursOn(host))), ...load.flatMap(running)],
    `${hosts.length} hosts look as before`,
    { hosts: hosts.length },
  );
};

function judge({ host, before, after }: HostEvidence, ours: ReadonlySet<string>): Finding[] {
  if (before === undefined || after === undefined)
    return [error(`${host}: not looked at ${before === undefined ? "before" : "after"} the case`)];
  return [...remains(host, before, after, ours).map((what) => fail(what)), ...firewall(host, before, after)];
}

/** What guests of these names have left on a host, a sentence each. */
export function remains(
  host: string,
  before: HostSnapshot,
  after: HostSnapshot,
  ours: ReadonlySet<string>,
): readonly string[] {
  const domains = after.domains.filter((name) => ours.has(name));
  const processes = after.qemuProcesses.filter((name) => ours.has(name));
  const listeners = after.migrationListeners.filter((port) => !before.migrationListeners.includes(port));
  return [
    ...(domains.length === 0 ? [] : [`${host}: domains are left: ${domains.join(", ")}`]),
    ...(processes.length === 0 ? [] : [`${host}: QEMU still runs for ${processes.join(", ")}`]),
    ...(listeners.length === 0 ? [] : [`${host}: something listens on port ${listeners.join(", ")}`]),
  ];
}

/** What ends a load is ours, and so is the blame. */
function running({ place, tool, pid, leftProcesses }: LoadEvidence): Finding[] {
  if (leftProcesses === "unknown") return [error(`${place}: nobody could look whether ${tool} has ended`)];
  return leftProcesses === undefined || leftProcesses === 0
    ? []
    : [error(`${place}: ${tool} still runs: ${leftProcesses} processes of session ${pid}`)];
}

function firewall(host: string, before: HostSnapshot, after: HostSnapshot): Finding[] {
  const more = missingFrom(before.firewallRules, after.firewallRules);
  const fewer = missingFrom(after.firewallRules, before.firewallRules);
  if (more.length === 0 && fewer.length === 0) return [];
  const told = [...more.map((rule) => `+ ${rule.trim()}`), ...fewer.map((rule) => `- ${rule.trim()}`)].slice(0, 3);
  const message = `${host}: its firewall is not as before: ${told.join(", ")}`;
  return [more.some((rule) => rule.includes("migstorm")) || fewer.length > 0 ? error(message) : warn(message)];
}

/** Lines that `other` has more often than `lines`. */
function missingFrom(lines: readonly string[], other: readonly string[]): string[] {
  const left = [...lines];
  return other.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
