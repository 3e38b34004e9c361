import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError } from "../errors.js";
import { LABS_FOLDER, SLOTS } from "./layout.js";

const SLOTS_FOLDER = join(LABS_FOLDER, ".slots");

/**
 * Takes a slot for a lab and makes its folder: from here on `labDown` finds it. A slot is a folder named by its number
 * (making one either succeeds or finds it taken) that holds the lab's name.
 */
export async function claimSlot(name: string): Promise<number> {
  await mkdir(SLOTS_FOLDER, { recursive: true });
  if ((await slotOf(name)) !== undefined)
    throw new HarnessError(
      "bad-input",
      `a lab named ${name} is there already: \`migstorm lab down --name ${name}\` takes it down`,
    );
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const taken = await mkdir(join(SLOTS_FOLDER, String(slot))).then(
      () => false,
      () => true,
    );
    if (taken) continue;
    await writeFile(join(SLOTS_FOLDER, String(slot), "name"), name);
    await mkdir(join(LABS_FOLDER, name), { recursive: true, mode: 0o700 });
    return slot;
  }
  throw new HarnessError("bad-input", `${SLOTS} labs are up already, no more fit side by side`);
}

/** The slot of a lab, up or half up; `undefined` when there is none of that name. */
export async function slotOf(name: string): Promise<number | undefined> {
  return (await claimedSlots()).find((claimed) => claimed.name === name)?.slot;
}

export async function claimedSlots(): Promise<{ readonly slot: number; readonly name: string }[]> {
  const slots = await readdir(SLOTS_FOLDER).catch(() => []);
  const named = slots.map(async (slot) => ({
    slot: Number(slot),
    name: await readFile(join(SLOTS_FOLDER, slot, "name"), "utf8").catch(() => ""),
  }));
  return Promise.all(named);
}

/** The last thing that goes when a lab is taken down. */
export async function freeSlot(slot: number): Promise<void> {
  await rm(join(SLOTS_FOLDER, String(slot)), { recursive: true, force: true });
}
