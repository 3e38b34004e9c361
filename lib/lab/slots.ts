import { lstat, mkdir, readdir, readlink, rm, rmdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HarnessError } from "../errors.js";
import { LABS_FOLDER, SLOTS } from "./layout.js";

const SLOTS_FOLDER = join(LABS_FOLDER, ".slots");

/**
 * Takes a slot for a lab: from here on `labDown` finds it. A slot is a symbolic link from its number to the lab's name,
 * which is made whole or not at all, and by one taker only.
 */
export async function claimSlot(name: string): Promise<number> {
  await mkdir(LABS_FOLDER, { recursive: true });
  // Not recursive: of two that make a lab of one name, one fails here.
  await mkdir(join(LABS_FOLDER, name), { mode: 0o700 });
  for (let slot = 0; slot < SLOTS; slot += 1) if (await claimed(slot, name)) return slot;
  throw new HarnessError("bad-input", `${SLOTS} labs are up already, no more fit side by side`);
}

async function claimed(slot: number, name: string): Promise<boolean> {
  await mkdir(SLOTS_FOLDER, { recursive: true });
  try {
    await symlink(name, join(SLOTS_FOLDER, String(slot)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    // The last lab went down in between and took the folder along.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return claimed(slot, name);
    throw error;
  }
}

/** The slot of a lab, up or half up; `undefined` when there is none of that name. */
export async function slotOf(name: string): Promise<number | undefined> {
  return (await claimedSlots()).find((slot) => slot.name === name)?.slot;
}

export async function claimedSlots(): Promise<{ readonly slot: number; readonly name: string }[]> {
  const slots = await readdir(SLOTS_FOLDER).catch(() => []);
  const named = slots.map(async (slot) => ({
    slot: Number(slot),
    // Gone since: another lab went down in between.
    name: await readlink(join(SLOTS_FOLDER, slot)).catch(() => ""),
  }));
  return (await Promise.all(named)).filter(({ name }) => name !== "");
}

/** The last thing that goes when a lab is taken down; with the last lab, the folders of all labs. */
export async function freeSlot(slot: number): Promise<void> {
  await rm(join(SLOTS_FOLDER, String(slot)), { recursive: true, force: true });
  for (const folder of [SLOTS_FOLDER, LABS_FOLDER, dirname(LABS_FOLDER)])
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (!STILL_WANTED.has(error.code ?? "")) throw error;
    });
}

/** Other labs are in there, somebody else took it away, or a file system of its own is mounted there. */
const STILL_WANTED: ReadonlySet<string> = new Set(["ENOTEMPTY", "ENOENT", "EBUSY"]);

/** Whether the lab has a folder, which may be all that a killed run got to. */
export const hasFolder = (name: string): Promise<boolean> =>
  lstat(join(LABS_FOLDER, name)).then(
    () => true,
    () => false,
  );
