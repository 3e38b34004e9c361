import { join } from "node:path";
import { caseContext } from "../../harness/case-context.js";
import type { CaseContext } from "../../harness/engine/context.js";
import { openPorts } from "../../harness/engine/open-ports.js";
import { inspectHosts } from "../../harness/engine/steps/inspect-hosts.js";
import { prepareHosts } from "../../harness/engine/steps/prepare-hosts.js";
import { startGuests } from "../../harness/engine/steps/start-guests.js";
import { lockMachines } from "../../harness/locks.js";
import { openMachines } from "../../harness/machines.js";
import { makePlans } from "../../harness/plan.js";
import { hostFacts } from "../../lib/host/facts.js";
import { createJournal } from "../../lib/journal/journal.js";
import type { JobRecord } from "../../lib/model/job.js";
import { type Params, paramsSchema } from "../../lib/model/params.js";
import { openEventLog } from "../../lib/store/event-log.js";

/** Two small guests of different systems, as the smoke scenario has them; many of them are smaller, so that they fit a host. */
export const benchParams = (count: number, movement: Record<string, unknown> = {}): Params =>
  paramsSchema.parse({
    guests: { count, image: ["tiny-a", "tiny-b"], memory: count > 8 ? "128MiB" : "192MiB" },
    movement,
    limits: { downtime: "30s" },
  });

/**
 * Guests that run and may be migrated at will, brought up by the engine's own steps; whatever was done to the hosts is
 * taken back afterwards.
 */
export async function withGuests<T>(
  job: JobRecord,
  folder: string,
  params: Params,
  work: (ctx: CaseContext) => Promise<T>,
): Promise<T> {
  const hosts = job.inventory.hosts.filter(({ name }) => job.hosts.includes(name));
  const machines = await openMachines(job.inventory, hosts, () => undefined);
  try {
    const locks = await lockMachines(job, machines, folder);
    try {
      const facts = await Promise.all(hosts.map((host) => hostFacts(machines.hosts.get(host.name)!.run, host)));
      const testCase = { id: "bench", scenario: "bench", variants: [], tags: [], testIds: [], params };
      const [plan] = makePlans([testCase], {
        inventory: job.inventory,
        hosts: [facts[0]!, facts[1]!],
        jobKey: job.jobKey,
      });
      if (plan?.verdict !== "run") throw new Error(`the guests do not fit: ${plan?.reason}`);
      const journal = join(folder, `${job.jobKey}.ndjson`);
      await createJournal(journal);
      const herd = { leader: testCase.id, journal, logins: new Map() };
      const log = openEventLog(join(folder, `${job.jobKey}-events.ndjson`), console.error);
      const edges = { log, progress: () => undefined, live: false };
      const { ctx, undo } = caseContext({ job, plan, machines, facts, edges, folder, journal, herd });
      try {
        await bringUp(ctx);
        return await work(ctx);
      } finally {
        await Promise.all([...ctx.state.guests.values()].map(({ remote }) => remote?.close()));
        for (const leftover of await undo()) {
          console.error(`left behind: ${leftover}`);
          process.exitCode = 1;
        }
        await Promise.all(
          [...ctx.state.hosts.values()].flatMap(({ stopEvents, virsh }) => [stopEvents?.(), virsh?.stop()]),
        );
        log.close();
      }
    } finally {
      await locks.release();
    }
  } finally {
    await machines.close();
  }
}

async function bringUp(ctx: CaseContext): Promise<void> {
  const never = new AbortController().signal;
  await inspectHosts(ctx, never);
  await prepareHosts(ctx);
  await startGuests(ctx, never, () => undefined);
  await openPorts(ctx, new Set(ctx.plan.hosts));
}
