import { HarnessError } from "../errors.js";
import type { Command, CommandResult } from "../model/command.js";
import type { DomainState } from "../model/migration.js";
import type { Run } from "../transport/transport.js";
import { parseDomainStates } from "./domain-states.js";
import { type JobInfo, parseJobInfo } from "./job-stats.js";

const QUERY_TIMEOUT_MS = 30_000;

/** A virsh command for the libvirt at `connectUri`. Options come before names, so that a name is never taken for one. */
export const virsh = (connectUri: string, ...args: string[]): Command => ({
  file: "virsh",
  args: ["-c", connectUri, ...args],
  timeoutMs: QUERY_TIMEOUT_MS,
});

/** Asks for every domain that libvirt knows, with its state. */
export const STATES_OF_ALL = ["domstats", "--raw", "--state"] as const;

/**
 * States of all domains on one host, with one command. A name that is missing is not known there.
 * @throws HarnessError `command-failed` when libvirt does not answer or the answer is not whole.
 */
export async function domainStates(run: Run, connectUri: string): Promise<Map<string, DomainState>> {
  return parseDomainStates((await ask(run, virsh(connectUri, ...STATES_OF_ALL))).stdout);
}

/**
 * State of one domain; `absent` when libvirt does not know it there. Asks for all of them: virsh has no exit code for
 * "no such domain", and its words for it change with the version.
 */
export const domainState = async (run: Run, connectUri: string, guest: string): Promise<DomainState> =>
  (await domainStates(run, connectUri)).get(guest) ?? "absent";

/** The job that runs on a domain now; its type is `none` when there is none. */
export const jobInfo = async (run: Run, connectUri: string, guest: string): Promise<JobInfo> =>
  parseJobInfo((await ask(run, virsh(connectUri, "domjobinfo", "--rawstats", "--domain", guest))).stdout);

/**
 * Figures of the last migration that was completed. To be asked on the target: the source no longer knows the guest.
 * They are kept, so that asking twice gives the same answer.
 */
export async function completedJobStats(run: Run, connectUri: string, guest: string): Promise<JobInfo> {
  const args = ["domjobinfo", "--completed", "--keep-completed", "--anystats", "--rawstats", "--domain", guest];
  return parseJobInfo((await ask(run, virsh(connectUri, ...args))).stdout);
}

/**
 * Tells libvirt on the source to give up the migration of a guest. A job that is over already is not an error.
 * @throws HarnessError `command-failed` when libvirt refuses, e.g. because postcopy has begun.
 */
export async function abortJob(run: Run, connectUri: string, guest: string): Promise<void> {
  const result = await run(virsh(connectUri, "domjobabort", "--domain", guest));
  if (result.exitCode !== 0 && !/no job is active|domain is not running/i.test(result.stderr)) throw refused(result);
}

/**
 * Tells libvirt on the source to let the target run the guest from now on. Saying it twice does no harm.
 * @returns false when it cannot be told: the memory is not on its way yet, or all is over
 */
export const startPostcopy = async (run: Run, connectUri: string, guest: string): Promise<boolean> =>
  (await run(virsh(connectUri, "migrate-postcopy", "--domain", guest))).exitCode === 0;

/** Longest pause that the next migration may plan for. Belongs to the running QEMU: to be set before each leg. */
export const setMaxDowntime = (connectUri: string, guest: string, downtimeMs: number): Command => {
  const allowedMs = String(Math.max(1, Math.ceil(downtimeMs)));
  return {
    ...virsh(connectUri, "migrate-setmaxdowntime", "--domain", guest, "--downtime", allowedMs),
    what: `let ${guest} pause for ${allowedMs} ms`,
  };
};

/** Runs a question; a refusal is an exception, because no answer must never pass for an empty one. */
export async function ask(run: Run, command: Command): Promise<CommandResult> {
  const result = await run(command);
  if (result.exitCode !== 0) throw refused(result);
  return result;
}

const refused = ({ command, host, exitCode, stderr }: CommandResult): HarnessError =>
  new HarnessError(
    "command-failed",
    `${host}: ${command.file} ${command.args.slice(0, 4).join(" ")}: ${stderr.trim() || `exit ${exitCode}`}`,
    { command },
  );
