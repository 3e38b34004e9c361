import { rm } from "node:fs/promises";
import { HarnessError } from "../errors.js";
import { until } from "../poll.js";
import { cgroupFolder } from "./cgroup.js";
import { LAB_NAME, LABS_FOLDER, type LabLayout, type LabMachine, labLayout } from "./layout.js";
import { here, must, mustSh, succeeds } from "./sh.js";
import { freeSlot, slotOf } from "./slots.js";

const DOWN_MS = 30_000;

/**
 * Takes a lab down, whatever state it is in: half built, with processes killed, or gone already. Everything is found by
 * its name, so that no record is needed.
 * @returns whether there was anything of that name
 */
export async function labDown(name = "lab"): Promise<boolean> {
  if (!LAB_NAME.test(name))
    throw new HarnessError("bad-input", `a lab's name is at most 16 of a-z, 0-9 and -: ${name}`);
  const slot = await slotOf(name);
  if (slot === undefined) return false;
  const lab = labLayout(name, slot, 0);
  const namespaces = (await must("ip", ["netns", "list"]))
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter(
      (namespace) => namespace.startsWith(`ms-${name}-`) && /^[hs]\d+$/.test(namespace.slice(`ms-${name}-`.length)),
    );
  await Promise.all(namespaces.map((namespace) => endMachine(lab, namespace)));
  await removeLinks(lab);
  await rm(`${LABS_FOLDER}/${name}`, { recursive: true, force: true });
  await freeSlot(slot);
  return true;
}

/** Everything that runs in the machine's network namespace is the lab's own; nothing else is ever put there. */
async function endMachine({ name }: LabLayout, namespace: string): Promise<void> {
  const short = namespace.slice(`ms-${name}-`.length);
  await until(
    async () => {
      const pids = (await must("ip", ["netns", "pids", namespace])).split("\n").filter((pid) => /^\d+$/.test(pid));
      if (pids.length === 0) return true;
      await here({ file: "kill", args: ["-KILL", ...pids], timeoutMs: 5_000 });
      return false;
    },
    { everyMs: 20, timeoutMs: DOWN_MS, what: `the processes of ${namespace} to end` },
  );
  await must("ip", ["netns", "del", namespace]);
  const folder = await cgroupFolder({ cgroup: `migstorm-${name}-${short}` } as LabMachine);
  if (folder !== undefined)
    await until(
      () =>
        mustSh('[ ! -d "$1" ] || rmdir "$1"', [folder]).then(
          () => true,
          () => false,
        ),
      {
        everyMs: 20,
        timeoutMs: DOWN_MS,
        what: `the control group ${folder} to be empty`,
      },
    );
}

/** A cable goes with its namespace, but not at once; a lab of the same name must not find it still there. */
async function removeLinks({ guestBridge, migrationBridge, slot }: LabLayout): Promise<void> {
  const mine = new RegExp(`^ms${slot}[gm]([hs]\\d+)?$`);
  await until(
    async () => {
      const links = JSON.parse(await must("ip", ["-j", "link", "show"])) as { ifname: string }[];
      const left = links.map(({ ifname }) => ifname).filter((link) => mine.test(link));
      if (left.length === 0) return true;
      for (const link of left) await succeeds("ip", ["link", "del", link]);
      return false;
    },
    { everyMs: 20, timeoutMs: DOWN_MS, what: `the links ${guestBridge} and ${migrationBridge} to go` },
  );
}
