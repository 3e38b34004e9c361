import { InvalidArgumentError, Option } from "commander";
import type { Host, Inventory } from "../../lib/model/inventory.js";
import { badInput } from "../places.js";
import { didYouMean } from "../suggest.js";

/** `--hosts source,target`; the same for `plan` and `run`. */
export const hostsOption = (): Option =>
  new Option("--hosts <names>", "source,target (default: the first two of the inventory)").argParser(parseHosts);

export type HostNames = readonly [source: string, target: string];

function parseHosts(text: string): HostNames {
  const [source, target, ...more] = text.split(",");
  if (source && target && source !== target && more.length === 0) return [source, target];
  throw new InvalidArgumentError("Write two different hosts: source,target.");
}

/**
 * The hosts of a job: the named ones, or the first two.
 * @throws HarnessError `bad-input` for a name that the inventory does not have
 */
export function chosenHosts({ hosts }: Inventory, names?: HostNames): readonly [source: Host, target: Host] {
  const hostNamed = (name: string): Host => {
    const host = hosts.find((known) => known.name === name);
    if (host !== undefined) return host;
    const known = hosts.map((one) => one.name);
    throw badInput([`the inventory has no host ${name}${didYouMean(name, known)}; it has ${known.join(", ")}`]);
  };
  const [source, target] = names === undefined ? hosts : names.map(hostNamed);
  if (source === undefined || target === undefined) throw badInput(["a migration needs two hosts"]);
  return [source, target];
}
