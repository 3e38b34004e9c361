import { busyMessage, type LockRecord, type Owner } from "../../lib/lock/lock-record.js";
import { quote } from "../../lib/transport/quote.js";
import type { Found, MachineSeen } from "./seen.js";

/** Another job has the host: it lives, and is waited for or stopped; or it died, and is recovered; or it left it to be looked at. */
export function lockFound({ name, survey }: MachineSeen): Found[] | undefined {
  if (survey === undefined || survey.sudo !== undefined) return undefined;
  const { owner } = survey;
  if (owner === undefined) return [];
  const { record, lives, isKept } = owner;
  const what = busyMessage(name, owner);
  if (record === undefined)
    return [{ what, mend: "cat /run/migstorm/owner  # no job of this tool wrote it; remove it if nobody needs it" }];
  const stop = `kill -INT ${record.pid}  # on ${record.controller}: ends that job, and it puts the host back`;
  return [{ what, mend: lives && !isKept ? stop : putBack(owner, record) }];
}

/** What is kept to be looked at is put back by another verb, which nobody calls by habit. */
const putBack = ({ isKept }: Owner, { resultsDir, controller }: LockRecord): string =>
  `npx migstorm ${isKept ? "release" : "recover"} ${quote(resultsDir)}  # on ${controller}`;

/** What a running job has on the host is no leftover, and what a dead one has left there is for its own recovery. */
export function leftoverFound({ survey, host }: MachineSeen): Found[] | undefined {
  if (survey === undefined || survey.sudo !== undefined || survey.owner?.lives) return undefined;
  const { owner } = survey;
  const { domains, pools, folders, rules } = survey.leftovers;
  const all: readonly (readonly [what: string, mend: string])[] = [
    ...domains.map((guest) => [`the guest ${guest}`, domainGone(guest, host?.connectUri ?? "")] as const),
    ...pools.map((pool) => [`the storage pool ${pool}`, poolGone(pool, host?.connectUri ?? "")] as const),
    ...folders.map((folder) => [`the folder ${folder}`, `rm -r ${folder}`] as const),
    ...rules.map((rule) => [`firewall rules marked ${rule}`, ruleGone(rule, host?.firewall)] as const),
  ];
  return all.map(([what, mend]) => ({
    what: `${owner?.isKept ? "kept" : "left"} of an earlier job: ${what}`,
    mend: owner?.record === undefined ? mend : putBack(owner, owner.record),
  }));
}

/** Either command alone is not enough for one that runs, and the first fails for one that does not. */
const domainGone = (guest: string, uri: string): string =>
  `virsh -c ${quote(uri)} destroy ${guest}; virsh -c ${quote(uri)} undefine ${guest}`;
const poolGone = (pool: string, uri: string): string =>
  `virsh -c ${quote(uri)} pool-destroy ${pool}; virsh -c ${quote(uri)} pool-undefine ${pool}`;

const ruleGone = (rule: string, firewall: string | undefined): string =>
  firewall === "nftables"
    ? `nft -a list ruleset | grep ${rule}  # then nft delete rule FAMILY TABLE CHAIN handle N`
    : `iptables-save | grep -v ${rule} | iptables-restore`;
