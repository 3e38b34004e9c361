import { randomBytes, randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { HarnessError } from "../../lib/errors.js";
import { labDown } from "../../lib/lab/down.js";
import { isLabKept, ownerOf } from "../../lib/lab/owner.js";
import { labStatus } from "../../lib/lab/status.js";
import { labUp } from "../../lib/lab/up.js";
import type { Inventory } from "../../lib/model/inventory.js";
import type { JobRecord } from "../../lib/model/job.js";
import type { Profile } from "../../lib/model/profile.js";
import { webhookUrl } from "../../lib/notify/address.js";
import { redact } from "../../lib/redact.js";
import { jobFolderName } from "../../lib/store/layout.js";
import { makeResultsFolder } from "../../lib/store/results-folder.js";
import { interruptible } from "../engine/interrupt.js";
import { loadInventory } from "../load.js";
import { VERSION } from "../version.js";
import { chosenHosts, type HostNames } from "./hosts.js";
import { oneJob } from "./one-job.js";
import { loadAndSelect, type SelectionOptions } from "./selection.js";

export interface RunOptions extends SelectionOptions {
  readonly inventory?: string;
  readonly lab?: boolean;
  /** Of each host of the lab, MiB. */
  readonly memory?: number;
  readonly hosts?: HostNames;
  readonly resultsDir: string;
  readonly failfast?: boolean;
  readonly fresh?: boolean;
  /** Milliseconds for which hosts are kept as the first failure left them. */
  readonly keepOnFailure?: number;
  /** Webhook, or the name of the environment variable that holds it. */
  readonly notify?: string;
}

type Write = (text: string) => void;

/** Runs the selected cases on the hosts of an inventory, or on a lab of its own. @returns the exit code */
export async function run(paths: readonly string[], options: RunOptions, write: Write): Promise<number> {
  const webhook = webhookUrl(options.notify);
  const { cases, seed, profile } = await loadAndSelect(paths, options);
  const interrupt = interruptible((line) => write(`\n${line}\n`));
  try {
    const jobKey = newJobKey();
    return await withHosts(options, jobKey, write, async ({ inventory, lab }) => {
      const job = newJob({ inventory, jobKey, seed, profile, hosts: options.hosts, lab });
      const { resultsDir, failfast: failFast = false, fresh: freshGuests = false, keepOnFailure: keepMs } = options;
      return oneJob({ job, cases, resultsDir, failFast, freshGuests, keepMs, webhook, interrupt, write });
    });
  } finally {
    interrupt.dispose();
  }
}

export interface Where {
  readonly inventory: Inventory;
  readonly lab?: string;
}

/** The command line as it may be kept. */
export const keptArgv = (): string[] => process.argv.slice(2).map(redact);

/** Seven characters that no other job has. */
export const newJobKey = (): string => randomBytes(4).toString("hex").slice(0, 7);

/** Where the inventory comes from; a lab that is brought up for the job is taken down after it, whatever happened. */
export async function withHosts(
  {
    inventory: given,
    lab,
    memory,
    resultsDir,
  }: Partial<Pick<RunOptions, "inventory" | "lab" | "memory" | "resultsDir">>,
  jobKey: string,
  write: Write,
  work: (where: Where) => Promise<number>,
): Promise<number> {
  if (memory !== undefined && !lab)
    throw new HarnessError("bad-input", "--memory limits the hosts of a lab: it goes with --lab only");
  if (lab && given !== undefined)
    throw new HarnessError("bad-input", "--lab brings hosts of its own: leave --inventory out");
  if (resultsDir !== undefined) await makeResultsFolder(resolve(resultsDir));
  if (!lab) return work({ inventory: await loadInventory(given ?? "cfg/inventory.yaml") });
  await sweepLabs(write);
  const name = `run-${jobKey}`;
  const info = await labUp({ name, ...(memory === undefined ? {} : { memoryMiB: memory }) }, (line) =>
    write(`${line}\n`),
  );
  write(
    `LAB        : ${name} (guests run under ${info.virtType === "kvm" ? "KVM" : "TCG: KVM does not boot a guest here"})\n`,
  );
  try {
    return await work({ inventory: await loadInventory(info.inventoryPath), lab: name });
  } finally {
    if (await isLabKept(name)) write(`LAB        : ${name} stays up until it is released\n`);
    else await labDown(name);
  }
}

/**
 * The lab of a run that was killed is of no use but to its own `resume`, and that of one that was kept once its time is over;
 * the next run takes it down.
 */
async function sweepLabs(write: Write): Promise<void> {
  for (const { name } of await labStatus()) {
    const owner = /^run-[0-9a-f]{7}$/.test(name) ? await ownerOf(name) : undefined;
    if (owner === undefined || owner.isAlive || (await isLabKept(name))) continue;
    await labDown(name);
    const why = owner.keptUntil === undefined ? "left by a run that was killed" : `kept until ${owner.keptUntil}`;
    write(`LAB        : ${name} was ${why}; it is down now\n`);
  }
}

export interface NewJob {
  readonly inventory: Inventory;
  readonly jobKey: string;
  readonly seed: number;
  readonly profile?: Profile | undefined;
  readonly hosts?: HostNames | undefined;
  readonly lab?: string | undefined;
}

export function newJob({ inventory, jobKey, seed, profile, hosts, lab }: NewJob): JobRecord {
  const [source, target] = chosenHosts(inventory, hosts);
  const startedAt = new Date().toISOString();
  return {
    jobId: jobFolderName(new Date(startedAt), jobKey),
    jobKey,
    token: randomUUID(),
    version: VERSION,
    argv: keptArgv(),
    seed,
    ...(profile === undefined ? {} : { profile }),
    startedAt,
    inventory,
    hosts: [source.name, target.name],
    ...(lab === undefined ? {} : { lab }),
  };
}
