import { resolve } from "node:path";
import { labDown } from "../../lib/lab/down.js";
import { ownerOf } from "../../lib/lab/owner.js";
import { shortMoment } from "../../lib/model/kept.js";
import { EXIT } from "../exit-code.js";
import { holdOn, keptOf } from "../keep.js";
import { badInput } from "../places.js";
import { readJob } from "../recover.js";
import { secret } from "./execute.js";
import { jobsAt, recover } from "./recover.js";

type Write = (text: string) => void;

export interface ReleaseOptions {
  /** Milliseconds from now on, for which it is kept instead. */
  readonly extend?: number;
  readonly giveUp?: readonly string[];
}

/**
 * Puts back what a job, or a pass of a soak, has left to be looked at, or keeps it for longer. Of what a job left that died it
 * does what `recover` does. @returns the exit code
 * @throws HarnessError `host-busy` when the job's runner is alive, `bad-input` when it is no job's folder
 */
export async function release(dir: string, { extend, giveUp = [] }: ReleaseOptions, write: Write): Promise<number> {
  const folders = await jobsAt(resolve(dir));
  if (extend !== undefined && giveUp.length > 0)
    throw badInput(["--extend keeps the hosts, and --give-up puts them back without one: say one of them"]);
  if (extend !== undefined) return keepOn(folders, extend, write);
  const code = await recover(dir, { resultsDir: dir, giveUp, isRelease: true }, write);
  if (code === EXIT.ok) for (const folder of folders) await endLab(folder, write);
  return code;
}

async function keepOn(folders: readonly string[], forMs: number, write: Write): Promise<number> {
  const jobs = await Promise.all(
    folders.map(async (folder) => {
      const job = await readJob(folder);
      return { folder, job, isKept: (await keptOf(folder, job)) !== undefined };
    }),
  );
  const kept = jobs.filter(({ isKept }) => isKept);
  if (kept.length === 0) throw badInput(["nothing is kept there, so there is no time to make longer"]);
  for (const { folder, job } of kept)
    write(`KEPT       : ${job.hosts.join(" and ")} until ${shortMoment(await holdOn(folder, job, forMs, secret))}\n`);
  return EXIT.ok;
}

/** A lab that a job brought up for itself stayed for the sake of what was kept in it. */
async function endLab(folder: string, write: Write): Promise<void> {
  const { lab } = await readJob(folder);
  if (lab === undefined || !stayedForKept(await ownerOf(lab))) return;
  if (await labDown(lab)) write(`LAB        : ${lab} is down now\n`);
}

/** The passes of a soak have one lab: while it runs, a pass that is released is not to take it from the next ones. */
export const stayedForKept = (owner: Awaited<ReturnType<typeof ownerOf>>): boolean =>
  owner !== undefined && !owner.isAlive && owner.keptUntil !== undefined;
