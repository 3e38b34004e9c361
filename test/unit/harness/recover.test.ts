import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recover } from "../../../harness/commands/recover.js";
import { release } from "../../../harness/commands/release.js";
import { resume } from "../../../harness/commands/resume.js";
import { recoverJob } from "../../../harness/recover.js";
import { appendLines, createJournal, type Line, outstanding } from "../../../lib/journal/journal.js";
import { inventorySchema } from "../../../lib/model/inventory.js";
import type { JobRecord } from "../../../lib/model/job.js";
import { writeJson } from "../../../lib/store/artifacts.js";

/** Nothing listens there, and there is no key to log in with. */
const nowhere = { address: "127.0.0.1", port: 1, identityFile: "/nowhere/key" };
const inventory = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, ...nowhere, peerUri: `qemu+tcp://${name}/system` })),
  storage: {
    kind: "nfs",
    server: "nfs",
    export: "/srv/vm",
    path: "/srv/vm",
    machine: { name: "nfs", ...nowhere },
  },
  images: {},
  network: { bridge: "br0" },
});
const job: JobRecord = {
  jobId: "job-1",
  jobKey: "abc1234",
  token: "t1",
  version: "0",
  argv: [],
  seed: 1,
  startedAt: "2026-11-21T06:42:00Z",
  inventory,
  hosts: ["h1", "h2"],
};
const command = { file: "true", args: [], timeoutMs: 1_000 };
const will = (host: string): Line => ({
  op: "will",
  entry: { id: host, host, guarded: true, what: `change of ${host}`, apply: command, undo: command },
});

describe("recover, with machines that do not answer", () => {
  let results: string;
  let folder: string;
  let journal: string;
  beforeEach(async () => {
    results = await mkdtemp(join(tmpdir(), "migstorm-recover of "));
    folder = join(results, "job-1");
    journal = join(folder, "test-results", "001-a", "undo.ndjson");
    await mkdir(join(journal, ".."), { recursive: true });
    await createJournal(journal);
    await writeJson(join(folder, "job.json"), job);
    await appendLines(journal, [will("h1"), will("h2")]);
  });
  afterEach(() => rm(results, { recursive: true }));
  const recovers = (...giveUp: string[]) =>
    recoverJob(folder, { secret: () => undefined, say: () => undefined, giveUp });
  const verb = async (...giveUp: string[]) => {
    let printed = "";
    const write = (text: string): void => {
      printed += text;
    };
    return { code: await recover(undefined, { resultsDir: results, giveUp }, write), printed };
  };

  it("names every change and every lock that is left there", async () => {
    const { undone, leftovers, unreached } = await recovers();
    assert.deepEqual([undone, unreached], [[], ["h1", "h2", "nfs"]]);
    assert.deepEqual(leftovers.slice(0, 2), [
      "h2: change of h2: there is no way to this machine",
      "h1: change of h1: there is no way to this machine",
    ]);
    for (const name of unreached)
      assert.ok(
        leftovers.some((left) => left.startsWith(`${name}: the job's lock: `) && /private key/.test(left)),
        JSON.stringify(leftovers),
      );
    assert.equal((await outstanding(journal)).length, 2);
  });
  it("waits no longer for one that is given up, and names what was left there", async () => {
    const first = await recovers("h1");
    assert.deepEqual([first.givenUp, first.unreached], [["h1: change of h1"], ["h2", "nfs"]]);
    assert.ok(first.leftovers.every((left) => /^(h2|nfs): /.test(left)));
    assert.match(await readFile(journal, "utf8"), /"op":"given-up","id":"h1"/);
    const second = await recovers("h2", "nfs");
    assert.deepEqual([second.givenUp, second.leftovers, second.unreached], [["h2: change of h2"], [], []]);
    const third = await recovers();
    assert.deepEqual([third.wasClean, third.note], [true, "was put back before"]);
  });
  it("has everything open again once the job was resumed", async () => {
    await recovers("h1", "h2", "nfs");
    await writeJson(join(folder, "job.json"), { ...job, token: "t2" });
    assert.deepEqual((await recovers()).unreached, ["h1", "h2", "nfs"]);
  });
  it("ends with 2 until nothing is left, and says how to give a machine up", async () => {
    const first = await verb();
    assert.equal(first.code, 2);
    assert.match(first.printed, /NOT UNDONE: h1: change of h1/);
    assert.match(first.printed, /migstorm recover '.*job-1' --give-up h1 --give-up h2 --give-up nfs/);
    const second = await verb("h1", "h2", "nfs");
    assert.equal(second.code, 0);
    assert.match(second.printed, /given up: h2: change of h2\n/);
    assert.match(second.printed, /0 changes taken back, 0 left, 2 given up/);
    assert.deepEqual(await verb(), { code: 0, printed: "nothing was left to put back\n" });
  });
  it("refuses to give up what no job uses", async () =>
    assert.rejects(verb("h1", "h9"), {
      code: "bad-input",
      message: "no job uses h9, did you mean h1?; machines: h1, h2, nfs",
    }));
  describe("of a job that keeps its hosts", () => {
    const keeps = (until: string, token = "t1") =>
      writeJson(join(folder, "kept.json"), { caseId: "s.a", until, token });
    const LATER = new Date(Date.now() + 3_600_000).toISOString();
    const SOONER = new Date(Date.now() - 1_000).toISOString();
    const releases = () => recoverJob(folder, { secret: () => undefined, say: () => undefined, isRelease: true });

    it("leaves them alone, and says who puts them back", async () => {
      await keeps(LATER);
      await assert.rejects(recovers(), {
        code: "host-busy",
        message: `h1 and h2 are kept for case s.a of job-1 until ${LATER.replace(/\.\d+Z/, "Z")}: somebody may be looking; \`migstorm release '${folder}'\` puts them back`,
      });
      assert.deepEqual((await verb()).code, 2);
      await assert.rejects(
        resume(folder, {}, () => undefined),
        { code: "bad-input", message: /no readable plan/ },
      );
      await writeJson(join(folder, "plan.json"), {});
      await assert.rejects(
        resume(folder, {}, () => undefined),
        { code: "host-busy", message: /somebody may be looking/ },
      );
    });
    it("goes once that time is over", async () => {
      await keeps(SOONER);
      assert.deepEqual((await recovers()).unreached, ["h1", "h2", "nfs"]);
    });
    it("goes for release, and after a release that did not come to its end", async () => {
      await keeps(LATER);
      assert.deepEqual((await releases()).unreached, ["h1", "h2", "nfs"]);
      assert.deepEqual((await recovers()).unreached, ["h1", "h2", "nfs"]);
    });
    it("goes for a run that came later and died", async () => {
      await keeps(LATER, "t0");
      assert.deepEqual((await recovers()).unreached, ["h1", "h2", "nfs"]);
    });
    it("gives locks back where no change is left to be taken back", async () => {
      await appendLines(
        journal,
        ["h1", "h2"].map((id): Line => ({ op: "undone", id })),
      );
      const ended = { type: "job-ended", interrupted: false, leftovers: [], at: "", monoMs: 0 };
      await writeFile(join(folder, "events.ndjson"), `${JSON.stringify(ended)}\n`);
      assert.match((await releases()).note ?? "", /ended by itself/);
      await keeps(LATER);
      assert.deepEqual((await releases()).unreached, ["h1", "h2", "nfs"]);
      // What the first one could not give back is still there for the next.
      assert.deepEqual((await releases()).unreached, ["h1", "h2", "nfs"]);
      assert.deepEqual((await recovers()).unreached, ["h1", "h2", "nfs"]);
    });
    it("has no time to make longer where nothing is kept", async () => {
      const extend = (): Promise<number> => release(folder, { extend: 1_000 }, () => undefined);
      await assert.rejects(extend(), { code: "bad-input", message: /^nothing is kept there/ });
      await keeps(SOONER);
      await assert.rejects(extend(), { code: "unreachable" });
      await releases();
      await assert.rejects(extend(), { code: "bad-input" });
    });
  });
  it("counts a job as put back whose own lab is gone", async () => {
    await writeJson(join(folder, "job.json"), { ...job, lab: "run-abc1234" });
    const first = await verb();
    assert.deepEqual(first, {
      code: 0,
      printed: "job-1: its lab run-abc1234 is gone, and its hosts with it: nothing is left to put back\n",
    });
    assert.deepEqual(await outstanding(journal), []);
    assert.equal((await recovers()).wasClean, true);
  });
});
