import { rm } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { until } from "../poll.js";
import { endGroup, groupsLike } from "./cgroup.js";
import { groupsOf, LAB_NAME, LABS_FOLDER, labLayout } from "./layout.js";
import { endNamespace, namespaces, removeFolder } from "./namespaces.js";
import { ownerOf } from "./owner.js";
import { must, succeeds } from "./sh.js";
import { freeSlot, hasFolder, slotOf } from "./slots.js";

const DOWN_MS = 30_000;

/**
 * Takes a lab down, whatever state it is in: half made, with processes killed, or gone already. Everything is found by
 * names that follow from the lab's, so that no record is needed.
 * @returns whether there was anything of that name
 * @throws HarnessError `host-busy` while another process is making it
 */
export async function labDown(name = "lab"): Promise<boolean> {
  if (!LAB_NAME.test(name))
    throw new HarnessError("bad-input", `a lab's name is a to z, 0-9 and -, at most 16: ${name}`);
  const slot = await slotOf(name);
  const { makerGroup } = labLayout(name, slot ?? 0, 0);
  if (slot === undefined && !(await hasFolder(name))) return false;
  await refuseWhileMaking(name, makerGroup);

  // First of all end what may still be making the lab: after this nothing new appears.
  await endGroup(makerGroup);
  await Promise.all((await groupsLike(groupsOf(name))).map(endGroup));
  await Promise.all((await namespaces(name)).map(endNamespace));
  if (slot !== undefined) await removeLinks(slot);
  await rm(join(LABS_FOLDER, name), { recursive: true, force: true, maxRetries: 3 });
  await removeFolder();
  if (slot !== undefined) await freeSlot(slot);
  return true;
}

/** The group of the making commands is there exactly while a lab is being made. */
async function refuseWhileMaking(name: string, makerGroup: string): Promise<void> {
  const owner = await ownerOf(name);
  if (owner === undefined || !owner.isAlive || owner.pid === process.pid) return;
  if (!(await groupsLike(new RegExp(`^${makerGroup}$`))).length) return;
  throw new HarnessError("host-busy", `the lab ${name} is being brought up by process ${owner.pid}: end that first`);
}

/** A cable goes with its namespace, but not at once; a lab that takes the slot must not find it still there. */
async function removeLinks(slot: number): Promise<void> {
  const mine = new RegExp(`^ms${slot}[gm]([hs]\\d+)?$`);
  await until(
    async () => {
      const links = JSON.parse(await must("ip", ["-j", "link", "show"])) as { ifname: string }[];
      const left = links.map(({ ifname }) => ifname).filter((link) => mine.test(link));
      for (const link of left) await succeeds("ip", ["link", "del", link]);
      return left.length === 0;
    },
    { everyMs: 20, timeoutMs: DOWN_MS, what: `the links of slot ${slot} to go` },
  );
}
