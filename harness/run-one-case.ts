import { join } from "node:path";
import { createJournal } from "../lib/journal/journal.js";
import type { CaseVerdict } from "../lib/model/event.js";
import type { JobRecord } from "../lib/model/job.js";
import type { RunnablePlan } from "../lib/model/plan.js";
import type { HostFacts } from "../lib/model/result.js";
import { makeFolder, writeJson } from "../lib/store/artifacts.js";
import { caseFolder } from "../lib/store/layout.js";
import { caseContext } from "./case-context.js";
import { caseWorld } from "./engine/case-world.js";
import { runCase } from "./engine/run-case.js";
import type { JobEdges } from "./job.js";
import type { Machines } from "./machines.js";

export type OneResult = CaseVerdict & {
  /** Guests of which nobody knows where they ran. */
  readonly unknownGuests: readonly string[];
};

/** Runs one case with a folder and a journal of its own. */
export async function runOneCase(
  job: JobRecord,
  plan: RunnablePlan,
  machines: Machines,
  facts: readonly HostFacts[],
  edges: JobEdges,
): Promise<OneResult> {
  const folder = caseFolder(edges.folder, plan.case.id);
  const journal = join(folder, "undo.ndjson");
  await makeFolder(folder);
  await createJournal(journal);

  const { log } = edges;
  const forget = machines.all.map((remote) =>
    remote.onDrop((reason) => log.emit({ type: "connection-lost", caseId: plan.case.id, host: remote.name, reason })),
  );
  const { ctx, undo } = caseContext({ job, plan, machines, facts, edges, journal });
  const world = caseWorld(ctx, {
    undoAll: undo,
    store: (evidence) => writeJson(join(folder, "evidence.json"), evidence),
  });
  const result = await runCase(plan, world, edges.signal);
  for (const stop of forget) stop();
  const unknown = ctx.state.migrations.filter(({ outcome }) => outcome === "unknown");
  return { ...result, unknownGuests: unknown.map(({ guest }) => guest) };
}
