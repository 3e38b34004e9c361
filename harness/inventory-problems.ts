import { peerUser } from "../lib/prepare/ssh-trust.js";
import { isMapping } from "./mapping.js";
import type { Problem } from "./places.js";

/** What a schema cannot say about an inventory. Takes the file's value unchecked, so that all mistakes come at once. */
export function inventoryProblems(value: unknown): Problem[] {
  if (!isMapping(value)) return [];
  const hosts: readonly unknown[] = Array.isArray(value.hosts) ? value.hosts : [];
  return [...twinProblems(hosts), ...hosts.flatMap(peerUserProblems), ...networkProblems(value.network)];
}

const DEFAULT_PORT = 22;

function twinProblems(hosts: readonly unknown[]): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<unknown>();
  const places = new Set<string>();
  for (const [index, host] of hosts.entries()) {
    if (!isMapping(host) || typeof host.name !== "string") continue;
    const { name, address, port = DEFAULT_PORT, local } = host;
    const place = local === true ? "this machine itself" : `${address ?? name} port ${port}`;
    if (names.has(name)) problems.push({ path: ["hosts", index, "name"], message: `two hosts are called ${name}` });
    else if (places.has(place))
      problems.push({ path: ["hosts", index, "address"], message: `two hosts are reached as ${place}` });
    names.add(name);
    places.add(place);
  }
  return problems;
}

/** The job's key is put where commands run on that host; to log in as anybody else it is of no use. */
function peerUserProblems(host: unknown, index: number): Problem[] {
  if (!isMapping(host) || typeof host.peerUri !== "string") return [];
  const peer = peerUser(host.peerUri);
  const own = host.become === "sudo" || host.local === true ? "root" : (host.user ?? "root");
  if (peer === undefined || peer === own) return [];
  const message = `the other hosts would log in as ${peer}, but the job's ssh key is made known to ${own}: write qemu+ssh://${own}@…`;
  return [{ path: ["hosts", index, "peerUri"], message }];
}

function networkProblems(network: unknown): Problem[] {
  if (!isMapping(network) || network.addressing !== "static" || network.pool !== undefined) return [];
  return [
    { path: ["network", "addressing"], message: "static addressing needs a pool of addresses: pool: 198.18.1.1/16" },
  ];
}
