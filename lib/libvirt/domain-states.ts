import { HarnessError } from "../errors.js";
import type { DomainState } from "../model/migration.js";

/** The numbers of virDomainState (libvirt-domain.h). 0, "no state", is an answer that answers nothing. */
const BY_NUMBER: Readonly<Record<string, DomainState>> = {
  1: "running",
  2: "idle",
  3: "paused",
  4: "in shutdown",
  5: "shut off",
  6: "crashed",
  7: "pmsuspended",
};

/**
 * Reads `virsh domstats --raw --state`: every domain of a host by name. Taken instead of the table of `virsh list`,
 * which cannot be told apart when names hold blanks. libvirt allows no newline in a name, so lines can be trusted.
 *
 * @throws HarnessError `command-failed` on anything unexpected: half an answer must not pass for "not there".
 */
export function parseDomainStates(text: string): Map<string, DomainState> {
  const blocks = text.split(/^(?=Domain: ')/m).filter((block) => block.trim() !== "");
  return new Map(blocks.map(parseBlock));
}

function parseBlock(block: string): [string, DomainState] {
  const [head = "", ...lines] = block.split("\n").filter((line) => line.trim() !== "");
  const domain = /^Domain: '(.*)'$/.exec(head)?.[1];
  if (domain === undefined) throw incomplete(`unexpected line ${JSON.stringify(head.slice(0, 200))}`);
  const odd = lines.find((line) => !/^\s+[\w.-]+=/.test(line));
  if (odd !== undefined) throw incomplete(`unexpected line ${JSON.stringify(odd.slice(0, 200))}`);
  const number = lines.flatMap((line) => /^\s+state\.state=(\d+)$/.exec(line)?.[1] ?? [])[0];
  const state = BY_NUMBER[number ?? ""];
  if (state === undefined) throw incomplete(`${domain} has the state ${number ?? "(none)"}`);
  return [domain, state];
}

const incomplete = (what: string): HarnessError =>
  new HarnessError("command-failed", `cannot read the answer of virsh domstats: ${what}`);
