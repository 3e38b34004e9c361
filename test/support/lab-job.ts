import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Machines, openMachines } from "../../harness/machines.js";
import { labDown } from "../../lib/lab/down.js";
import { labUp } from "../../lib/lab/up.js";
import type { Event } from "../../lib/model/event.js";
import { type Inventory, inventorySchema } from "../../lib/model/inventory.js";
import type { RunnablePlan } from "../../lib/model/plan.js";
import type { JobPlan, JobResult } from "../../lib/model/result.js";
import { until } from "../../lib/poll.js";
import { readEvents } from "../../lib/store/event-log.js";
import type { Remote } from "../../lib/transport/transport.js";
import { needsRoot } from "./needs.js";

const CLI = resolve(import.meta.dirname, "../../dist/harness/cli.js");
const PATIENCE = { everyMs: 10, timeoutMs: 90_000 };

/** Ways to the machines of a lab. */
type Ways = Pick<TestLab, "source" | "target" | "machines">;

/** A lab of its own for one test file, a temporary folder, and a way to its machines beside the harness's own. */
export interface TestLab {
  readonly name: string;
  readonly inventory: Inventory;
  readonly inventoryPath: string;
  readonly machines: Machines;
  /** Temporary; goes with the lab. */
  readonly folder: string;
  /** Its machines as they were when it had come up, for `assertAsBefore`. */
  readonly pristine: string;
  readonly source: Remote;
  readonly target: Remote;
  readonly down: () => Promise<void>;
}

/** @param memoryMiB what each host may use, MiB; without it what this machine has */
export async function testLab(memoryMiB?: number): Promise<TestLab> {
  needsRoot();
  const name = `t${randomBytes(4).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "migstorm-job-test-"));
  const { inventoryPath } = await labUp({ name, isLasting: false, ...(memoryMiB === undefined ? {} : { memoryMiB }) });
  const inventory = inventorySchema.parse(JSON.parse(await readFile(inventoryPath, "utf8")));
  const machines = await openMachines(inventory, inventory.hosts, () => undefined);
  const [source, target] = inventory.hosts.map((host) => machines.hosts.get(host.name));
  assert.ok(source !== undefined && target !== undefined);
  const down = async (): Promise<void> => {
    for (const child of running) child.kill("SIGKILL");
    await machines.close();
    await labDown(name);
    await rm(folder, { recursive: true, force: true });
  };
  await Promise.all([on(source, STRANGERS_LOG), on(target, STRANGERS_LOG)]);
  const pristine = await machinesState({ source, target, machines });
  return { name, inventory, inventoryPath, machines, folder, pristine, source, target, down };
}

/** A file that lies in the lab's temporary folder. JSON is YAML. */
export async function writeInput(lab: TestLab, name: string, content: object): Promise<string> {
  const path = join(lab.folder, name);
  await writeFile(path, JSON.stringify(content, null, 2));
  return path;
}

/** A scenario of one small guest and one round, of which a test replaces what it is about. */
export const scenario = (lab: TestLab, name: string, base: object = {}, axes?: object): Promise<string> =>
  writeInput(lab, `${name}.yaml`, {
    name,
    summary: "Does a small guest survive there and back?",
    base: { guests: { count: 1, image: "tiny-a", memory: "128MiB" }, ...base },
    ...(axes === undefined ? {} : { axes }),
  });

export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a failed test has left running. */
const running = new Set<ChildProcess>();

/** The built command line in a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly printed: () => string;
}

export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.once("close", (code) => done({ exitCode: code ?? undefined, stdout, stderr }));
  });
  return { child, ended, printed: () => stdout + stderr };
}

export const cli = (...args: readonly string[]): Promise<Ended> => start(args).ended;

/** A job that runs, and what it writes down. */
export interface RunningJob extends Started {
  readonly folder: string;
  /** The first event that fits, as soon as it is in the log; rejects when the job ends without it. */
  readonly event: <T extends Event["type"]>(
    type: T,
    fits?: (event: Extract<Event, { type: T }>) => boolean,
  ) => Promise<Extract<Event, { type: T }>>;
  readonly step: (begin: string) => Promise<unknown>;
}

/** Starts a job on the lab and waits until it has a folder. */
export async function startJob(
  lab: TestLab,
  scenarioPath: string,
  inventory = lab.inventoryPath,
  env: NodeJS.ProcessEnv = {},
  ...options: readonly string[]
): Promise<RunningJob> {
  const results = await mkdtemp(join(lab.folder, "results-"));
  const args = ["run", "--inventory", inventory, "--results-dir", results, scenarioPath, ...options];
  return watched(start(args, env), results);
}

async function watched(started: Started, results: string): Promise<RunningJob> {
  const name = await whileAlive(
    started,
    async () => (await readdir(results)).find((entry) => entry.startsWith("job-")),
    "the job's folder",
  );
  const folder = join(results, name);
  const event: RunningJob["event"] = (type, fits = () => true) =>
    whileAlive(
      started,
      async () => {
        const events = await readEvents(join(folder, "events.ndjson")).catch((): Event[] => []);
        return events.find(
          (one): one is Extract<Event, { type: typeof type }> => one.type === type && fits(one as never),
        );
      },
      `the event ${type}`,
    );
  return { ...started, folder, event, step: (begin) => event("step-started", ({ step }) => step.startsWith(begin)) };
}

/** Asks once more after the end: what is waited for may be the last thing that was written. */
function whileAlive<T>({ child, printed }: Started, question: () => Promise<T | undefined>, what: string): Promise<T> {
  return until(
    async () => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const answer = await question();
      if (answer === undefined && isOver) throw new Error(`it ended before ${what} came:\n${printed()}`);
      return answer;
    },
    { ...PATIENCE, what },
  );
}

/** Runs a job to its end. */
export async function runJob(lab: TestLab, scenarioPath: string, inventory?: string): Promise<FinishedJob> {
  return finished(await startJob(lab, scenarioPath, inventory));
}

export interface FinishedJob extends Ended {
  readonly folder: string;
  readonly result: JobResult;
}

export async function finished({ ended, folder }: Pick<RunningJob, "ended" | "folder">): Promise<FinishedJob> {
  const end = await ended;
  return { ...end, folder, result: await readResult(folder) };
}

export const readResult = async (folder: string): Promise<JobResult> =>
  JSON.parse(await readFile(join(folder, "results.json"), "utf8"));

/** The plan of the only case. */
export async function planOf(folder: string): Promise<RunnablePlan> {
  const { plans } = JSON.parse(await readFile(join(folder, "plan.json"), "utf8")) as JobPlan;
  const [plan] = plans;
  assert.ok(plan?.verdict === "run");
  return plan;
}

/** Logs in to a guest of a running job, as anybody could who has its key. */
export async function openGuest(lab: TestLab, { guests }: RunnablePlan, index: number): Promise<Remote> {
  const guest = guests[index];
  assert.ok(guest?.address !== undefined);
  return lab.machines.openGuest(guest, guest.address.split("/")[0] ?? "");
}

/** What a script prints on a machine; it must succeed. */
export async function on({ run, name }: Remote, script: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run({
    file: "sh",
    args: ["-c", script, "sh", ...args],
    timeoutMs: 30_000,
  });
  assert.equal(exitCode, 0, `${name}: ${script}: ${stderr}`);
  return stdout;
}

/** Where libvirt keeps what each QEMU has said. */
const GUEST_LOGS = "/var/log/libvirt/qemu";
/** Of a guest that nobody of migstorm has to do with. */
const STRANGERS_LOG = `mkdir -p ${GUEST_LOGS} && echo "what a guest of somebody else has said" >${GUEST_LOGS}/stranger.log`;

/**
 * Everything that a job could leave on a host, or take from it: programs, domains, rules, files, trust, names, logs of others'
 * guests. Not the fence, an empty file.
 */
const HOST_STATE = `echo "== programs"
ps -N -p "$$,$PPID" --ppid "$$" -o stat=,comm= | awk '$1 !~ /^Z/ && $2 != "sshd" { print $2 }' | sort
echo "== domains"
virsh -q -c qemu:///system list --all --name | sort
echo "== rules"
# A table comes to be as soon as anybody touches it, and an empty one stays.
iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//' |
  awk '/^\\*/ { rules = $0; some = 0; next } { rules = rules "\\n" $0 } !/^(:[A-Z]+ ACCEPT|COMMIT)/ { some = 1 } /^COMMIT/ && some { print rules }'
echo "== tables"
# Those of iptables come to be as soon as anybody touches them.
nft list tables | grep -v '^table ip6\\? ' | sort
echo "== queues"
# Those of guests come and go with them.
tc qdisc show | grep -v ' dev vnet' | sort
echo "== files"
find /run/migstorm /tmp ~ /var/tmp -mindepth 1 ! -path /run/migstorm/fence ! -path "$HOME/.cache*" 2>/dev/null | sort
echo "== trust"
cat ~/.ssh/*
echo "== sockets"
ss -Hltn | awk '{ print $4 }' | sort
echo "== names"
cksum </etc/hosts
echo "== logs"
find ${GUEST_LOGS} -type f ! -name 'ms-*' -exec cksum {} + | sort
echo "== sessions of other machines"
ss -Htn state established '( sport = :22 )' | awk -v runner="\${SSH_CONNECTION%% *}" '{ sub(/:[0-9]+$/, "", $4); if ($4 != runner) print $4 }' | sort`;
const STORAGE_STATE = "find /srv -mindepth 1 | sort; find /run/migstorm -mindepth 1 ! -name fence 2>/dev/null";

export async function machinesState({ source, target, machines }: Ways): Promise<string> {
  const { storage } = machines;
  assert.ok(storage !== undefined);
  const parts = await Promise.all([
    on(source, HOST_STATE),
    on(target, HOST_STATE),
    on(storage, `${STORAGE_STATE}; true`),
  ]);
  return parts.join("\n==== next machine\n");
}

/** Programs that were told to end may take a moment. */
export async function assertAsBefore(lab: TestLab): Promise<void> {
  let now = "";
  const isSame = async (): Promise<boolean> => {
    now = await machinesState(lab);
    return now === lab.pristine;
  };
  await until(isSame, { everyMs: 200, timeoutMs: 4_000, what: "the machines to look as before" }).catch(
    () => undefined,
  );
  assert.equal(now, lab.pristine, "the machines look as before");
}

/** The checks of the only case by name: `FAIL: …`. */
export function checksOf({ cases }: JobResult): Readonly<Record<string, string>> {
  const [only] = cases;
  return Object.fromEntries((only?.checks ?? []).map(({ check, status, message }) => [check, `${status}: ${message}`]));
}
