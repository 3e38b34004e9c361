import { join } from "node:path";
import { createJournal } from "../lib/journal/journal.js";
import type { CaseVerdict } from "../lib/model/event.js";
import type { JobRecord } from "../lib/model/job.js";
import type { RunnablePlan } from "../lib/model/plan.js";
import type { HostFacts } from "../lib/model/result.js";
import { redact } from "../lib/redact.js";
import { makeFolder, writeJson, writeText } from "../lib/store/artifacts.js";
import { caseFolder, KNOWN_HOSTS } from "../lib/store/layout.js";
import { caseContext, type Herd } from "./case-context.js";
import { CASE_JOURNAL, GUESTS_JOURNAL } from "./case-journals.js";
import { caseWorld } from "./engine/case-world.js";
import { runCase } from "./engine/run-case.js";
import type { JobEdges } from "./job.js";
import type { Machines } from "./machines.js";

export type OneResult = CaseVerdict & {
  /** Guests of which nobody knows where they ran. */
  readonly unknownGuests: readonly string[];
};

/** What one case hands on to the next. */
export interface Handover {
  /** Guests that may still be there. */
  herd?: Herd;
  /** Takes them away; returns what could not be. */
  dismiss: () => Promise<readonly string[]>;
}

export interface CaseEdges extends JobEdges {
  /** Holds the machines of the job as this case left them, and says until when; absent: they are put back. */
  readonly hold?: (caseId: string) => Promise<string>;
}

/** Runs one case with a folder and a journal of its own. */
export async function runOneCase(
  job: JobRecord,
  plan: RunnablePlan,
  machines: Machines,
  facts: readonly HostFacts[],
  edges: CaseEdges,
  handover: Handover,
): Promise<OneResult> {
  const folder = caseFolder(edges.folder, plan.case.id);
  const journal = join(folder, CASE_JOURNAL);
  await makeFolder(folder);
  await createJournal(journal);

  const { log } = edges;
  const herd = handover.herd?.leader === plan.herd ? handover.herd : await newHerd(plan, folder);
  const { ctx, undo } = caseContext({ job, plan, machines, facts, edges, folder, journal, herd });
  const forget = machines.all.map((remote) =>
    remote.onDrop((reason) => {
      log.emit({ type: "connection-lost", caseId: plan.case.id, host: remote.name, reason });
      ctx.state.lostConnections.push({ atMs: log.nowMs(), host: remote.name, reason });
    }),
  );
  Object.assign(handover, { herd, dismiss: ctx.herd.dismiss });
  const { hold } = edges;
  const world = caseWorld(ctx, {
    ...(hold === undefined ? {} : { hold: () => holdWithKeys(folder, machines, () => hold(plan.case.id)) }),
    undoAll: undo,
    store: (evidence) => writeJson(join(folder, "evidence.json"), evidence),
    storeCollected: (host, text) => writeText(join(folder, "collected", `${host}.txt`), redact(text)),
  });
  const result = await runCase(plan, world, edges.signal);
  for (const stop of forget) stop();
  const unknown = ctx.state.migrations.filter(({ outcome }) => outcome === "unknown");
  return { ...result, unknownGuests: unknown.map(({ guest }) => guest) };
}

/** Whoever is going to look may trust what was trusted here. */
async function holdWithKeys(folder: string, machines: Machines, hold: () => Promise<string>): Promise<string> {
  await writeText(
    join(folder, KNOWN_HOSTS),
    machines
      .knownHosts()
      .map((line) => `${line}\n`)
      .join(""),
  );
  return hold();
}

/** Its journal lies with the case that makes the guests, which after a resumed job need not be the one it is named after. */
async function newHerd({ herd }: RunnablePlan, folder: string): Promise<Herd> {
  const journal = join(folder, GUESTS_JOURNAL);
  await createJournal(journal);
  return { leader: herd, journal, logins: new Map() };
}
