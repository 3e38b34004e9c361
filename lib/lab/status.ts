import { labLayout } from "./layout.js";
import { must } from "./sh.js";
import { claimedSlots } from "./slots.js";

export interface LabStatus {
  readonly name: string;
  readonly inventoryPath: string;
  /** Machine's namespace and how many processes run in it. */
  readonly machines: readonly { readonly namespace: string; readonly processes: number }[];
}

/** Every lab that is up, or half up, on this machine. */
export async function labStatus(): Promise<LabStatus[]> {
  const listed = (await must("ip", ["netns", "list"])).split("\n").map((line) => line.split(" ")[0] ?? "");
  return Promise.all(
    (await claimedSlots()).map(async ({ slot, name }) => {
      const own = listed.filter((namespace) => new RegExp(`^ms-${name}-[hs]\\d+$`).test(namespace));
      const machines = own.map(async (namespace) => ({
        namespace,
        processes: (await must("ip", ["netns", "pids", namespace])).split("\n").filter(Boolean).length,
      }));
      return { name, inventoryPath: labLayout(name, slot, 0).inventoryPath, machines: await Promise.all(machines) };
    }),
  );
}
