import { messageOf } from "../../lib/errors.js";
import { runnerUse } from "../../lib/host/runner.js";
import { type HostWatch, watchHost } from "../../lib/host/watch.js";
import type { Host, Inventory } from "../../lib/model/inventory.js";
import type { LeakSample, Reading } from "../../lib/model/soak.js";
import { openMachines, type Secret } from "../machines.js";

export interface Where {
  readonly inventory: Inventory;
  readonly hosts: readonly Host[];
  readonly secret: Secret;
}

/** Looks at the hosts and at the runner between two passes. Never rejects: what cannot be read is told as a problem. */
export async function look(pass: number, monoMs: number, where: Where): Promise<LeakSample> {
  const { readings, problems } = await hostReadings(where);
  return {
    pass,
    at: new Date().toISOString(),
    monoMs,
    readings: [...readings, ...(await runnerReadings())],
    problems,
  };
}

/** Over connections of their own: those of the pass are closed, and none is to hang idle through the next one. */
async function hostReadings({ inventory, hosts, secret }: Where): Promise<Pick<LeakSample, "readings" | "problems">> {
  try {
    const machines = await openMachines(inventory, hosts, secret);
    try {
      const looks = await Promise.allSettled(
        hosts.map(async (host) => {
          const remote = machines.hosts.get(host.name);
          return remote === undefined ? [] : readingsOf(host.name, await watchHost(remote.run, host));
        }),
      );
      return {
        readings: looks.flatMap((result) => (result.status === "fulfilled" ? result.value : [])),
        problems: looks.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : [])),
      };
    } finally {
      await machines.close();
    }
  } catch (error) {
    return { readings: [], problems: [messageOf(error)] };
  }
}

export function readingsOf(where: string, watch: HostWatch): Reading[] {
  const count = (what: string, value: number | undefined, pid?: number) => reading(where, what, "count", value, pid);
  return [
    ...watch.daemons.flatMap(({ name, pid, residentKiB, files }) => [
      ...reading(where, `${name} memory`, "KiB", residentKiB, pid),
      ...count(`${name} open files`, files, pid),
    ]),
    ...count("domains", watch.domains),
    ...count("QEMU processes", watch.qemuProcesses),
    ...count("processes", watch.processes),
    ...count("listening sockets", watch.listeningSockets),
    ...count("established sockets", watch.establishedSockets),
    ...count("UNIX sockets", watch.unixSockets),
  ];
}

async function runnerReadings(): Promise<Reading[]> {
  const { residentKiB, heapKiB, files } = await runnerUse();
  return [
    ...reading("runner", "memory", "KiB", residentKiB),
    ...reading("runner", "heap", "KiB", heapKiB),
    ...reading("runner", "open files", "count", files),
  ];
}

/** One reading; none when the number could not be read, for it is not zero. */
const reading = (
  where: string,
  what: string,
  unit: Reading["unit"],
  value: number | undefined,
  pid?: number,
): Reading[] => (value === undefined ? [] : [{ where, what, unit, value, ...(pid === undefined ? {} : { pid }) }]);
