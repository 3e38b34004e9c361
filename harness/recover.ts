import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HarnessError, messageOf } from "../lib/errors.js";
import { undoAll } from "../lib/journal/change-host.js";
import { type Outstanding, outstanding } from "../lib/journal/journal.js";
import { runGuarded } from "../lib/lock/guarded.js";
import type { JobRecord } from "../lib/model/job.js";
import { makeWorkFolder } from "../lib/prepare/work-folder.js";
import { readEvents } from "../lib/store/event-log.js";
import { lockedMachines, takeOverMachines } from "./locks.js";
import { type Machines, openMachines, type Secret } from "./machines.js";

/** What recovering a job came to. */
export interface Recovery {
  readonly jobId: string;
  /** Changes that were taken back, `h1: disk g1.qcow2`. */
  readonly undone: readonly string[];
  /** Those that could not be, and why. */
  readonly leftovers: readonly string[];
  /** The job had ended by itself, with nothing left to take back; no machine was spoken to. */
  readonly wasClean: boolean;
}

/**
 * Puts back every machine that a dead job left changed, and gives its locks back. Harmless when run twice. What the dead
 * runner had under way is waited for first, so that nothing lands behind its undo.
 * @throws HarnessError `host-busy` when the job's runner is alive, `unreachable`, `bad-input` when it is no job's folder
 */
export async function recoverJob(folder: string, secret: Secret, say: (line: string) => void): Promise<Recovery> {
  const job = await readJob(folder);
  const journals = await journalsIn(folder);
  const left = (await Promise.all(journals.map((journal) => outstanding(journal)))).flat();
  if (left.length === 0 && (await hasEnded(folder)))
    return { jobId: job.jobId, undone: [], leftovers: [], wasClean: true };

  say(`${job.jobId}: ${left.length} changes to take back on ${job.hosts.join(" and ")}`);
  const hosts = job.inventory.hosts.filter(({ name }) => job.hosts.includes(name));
  const machines = await openMachines(job.inventory, hosts, secret);
  try {
    const token = randomUUID();
    const locks = await takeOverMachines({ ...job, token }, job.token, machines, folder);
    await endPrograms(job, machines, token);
    const undone: string[] = [];
    const onUndo = ({ host, what }: Outstanding, failure: string | undefined): void => {
      if (failure === undefined) undone.push(`${host}: ${what}`);
    };
    const leftovers: string[] = [];
    const locked = lockedMachines(job, machines);
    for (const journal of journals)
      leftovers.push(...(await undoAll(journal, (name) => locked.get(name), token, { onUndo })));
    // What could not be put back is for the next recovery, and for nobody else.
    if (leftovers.length > 0) await locks.abandon();
    else leftovers.push(...(await locks.release()));
    return { jobId: job.jobId, undone, leftovers, wasClean: false };
  } finally {
    await machines.close();
  }
}

/**
 * First of all, what the dead runner left running on the hosts: a migration that still begins would bring a guest to where
 * it has been looked for already. A host on which that fails has its undo all the same, which tells.
 */
async function endPrograms({ jobKey, hosts }: JobRecord, machines: Machines, token: string): Promise<void> {
  const end = makeWorkFolder(jobKey).undo;
  await Promise.allSettled(
    hosts.flatMap((name) => {
      const remote = machines.hosts.get(name);
      return remote === undefined ? [] : [runGuarded(remote, { token }, end, { again: true })];
    }),
  );
}

/** @throws HarnessError `bad-input` when the folder is not a job's */
export async function readJob(folder: string): Promise<JobRecord> {
  const path = join(folder, "job.json");
  try {
    return JSON.parse(await readFile(path, "utf8")) as JobRecord;
  } catch (error) {
    throw new HarnessError(
      "bad-input",
      `${folder} is not the folder of a job: cannot read ${path}: ${messageOf(error)}`,
    );
  }
}

async function journalsIn(folder: string): Promise<string[]> {
  const results = join(folder, "test-results");
  const cases = await readdir(results).catch((): string[] => []);
  const there = await Promise.all(
    cases.map(async (name) => {
      const files = await readdir(join(results, name)).catch((): string[] => []);
      return files.includes("undo.ndjson") ? [join(results, name, "undo.ndjson")] : [];
    }),
  );
  return there.flat();
}

/** Ended by itself, with its locks given back. */
async function hasEnded(folder: string): Promise<boolean> {
  const last = (await readEvents(join(folder, "events.ndjson"))).at(-1);
  return last?.type === "job-ended" && last.leftovers.length === 0;
}
