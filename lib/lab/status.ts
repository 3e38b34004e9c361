import { readFile } from "node:fs/promises";
import { labLayout } from "./layout.js";
import { namespaces, processesIn } from "./namespaces.js";
import { claimedSlots } from "./slots.js";

export interface LabStatus {
  readonly name: string;
  readonly inventoryPath: string;
  readonly stateDir: string;
  /** Whether it was brought up completely; what happened to it since, its machines tell. */
  readonly isComplete: boolean;
  /** Machine's namespace and how many processes run in it. */
  readonly machines: readonly { readonly namespace: string; readonly processes: number }[];
}

/** Every lab that is up, or half up, on this machine. */
export const labStatus = async (): Promise<LabStatus[]> =>
  Promise.all((await claimedSlots()).map(({ slot, name }) => statusOf(name, slot)));

/** Whether anything of that lab still runs. After a restart of this machine nothing does, whatever its folder says. */
export const labRuns = async (name: string): Promise<boolean> =>
  (await labStatus()).some((lab) => lab.name === name && lab.machines.some(({ processes }) => processes > 0));

async function statusOf(name: string, slot: number): Promise<LabStatus> {
  const { inventoryPath, folder, switchNamespace } = labLayout(name, slot, 0);
  const isComplete = await readFile(inventoryPath).then(
    () => true,
    () => false,
  );
  const own = (await namespaces(name)).filter((namespace) => namespace !== switchNamespace).sort();
  const machines = own.map(async (namespace) => ({ namespace, processes: await processesIn(namespace) }));
  return { name, inventoryPath, stateDir: folder, isComplete, machines: await Promise.all(machines) };
}
