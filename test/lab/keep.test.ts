import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../../lib/poll.js";
import {
  assertAsBefore,
  cli,
  type FinishedJob,
  finished,
  on,
  readResult,
  scenario,
  startJob,
  type TestLab,
  testLab,
} from "../support/lab-job.js";
import { assertFound } from "../support/verdicts.js";

const LOAD = [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "2", "--timeout", "600"] }];
/** The guest is handed on to the second case, whose target lets nobody in. */
const CLOSED = { load: LOAD, faults: [{ do: "block-data", on: "target", leg: 1 }] };
const WAYS = { way: { open: {}, closed: CLOSED, later: {} } };

/** A line as somebody copies it from the screen, and what comes of it. */
const typed = (line: string): Promise<{ readonly code: number; readonly said: string }> =>
  new Promise((resolve) => {
    execFile("sh", ["-c", line], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, said: stdout + stderr }),
    );
  });

describe("hosts that are kept as a failure left them", function () {
  this.timeout(120_000);
  let lab: TestLab;
  let path: string;

  before(async () => {
    lab = await testLab();
    path = await scenario(lab, "kept", {}, WAYS);
  });
  after(() => lab?.down());

  const another = () =>
    cli("run", "--inventory", lab.inventoryPath, "--results-dir", join(lab.folder, "other"), path, "--id", "*.later");

  describe("for an hour", () => {
    let job: FinishedJob;
    let guest: string;

    before(async () => {
      job = await finished(await startJob(lab, path, lab.inventoryPath, {}, "--keep-on-failure=1h"));
      guest = job.result.cases[1]?.kept?.guests[0]?.guest ?? "";
    });

    it("end the job: the failure counts, and what comes after it is not run", () => {
      assert.equal(job.exitCode, 1, job.stdout + job.stderr);
      assert.deepEqual(
        job.result.cases.map(({ status }) => status),
        ["PASS", "FAIL", "SKIP"],
      );
      const [, failed, later] = job.result.cases;
      assert.match(later?.reason ?? "", /^not run: \S+ and \S+ are kept as kept\.closed left them, until 20/);
      const [outcome] = failed?.checks.filter(({ check }) => check === "outcome") ?? [];
      assert.match(outcome?.message ?? "", new RegExp(`^${guest}, leg 1: failed \\(error: .*Connection refused`));
      // None was completed of which figures could be told.
      assertFound(failed, { outcome: "FAIL", statistics: "ERROR" });
      assert.deepEqual(failed?.leftovers, []);
      assert.deepEqual(failed?.kept?.hosts, [lab.source.name, lab.target.name]);
      assert.deepEqual(failed?.kept?.guests[0]?.places, [{ host: lab.source.name, state: "running" }]);
      assert.ok(failed?.checks.every(({ check }) => check !== "residue"));
    });

    it("have the guest with its load, the opened and the closed ports, and can be looked at with the printed lines", async () => {
      const lines = job.stdout.split("\n").map((line) => line.trim());
      const login = lines.find((line) => /^ssh .*root@198\.\S+$/.test(line) && !line.includes("virsh"));
      const list = lines.find((line) => /^ssh .*list --all'$/.test(line));
      assert.ok(login !== undefined && list !== undefined, job.stdout);
      const inside = await typed(`${login} 'pidof stress-ng; hostname'`);
      assert.equal(inside.code, 0, inside.said);
      assert.match(inside.said, new RegExp(`^\\d+( \\d+)*\n${guest}\n`));
      assert.match((await typed(list)).said, new RegExp(`${guest} +running`));

      const rules = await on(lab.target, "iptables-save");
      assert.match(rules, /dport 49152:49215.*-j ACCEPT/);
      assert.match(rules, /-j REJECT/);
      const own = join(job.folder, "test-results/kept.closed");
      for (const name of ["look.txt", "known_hosts", "evidence.json", `collected/${lab.source.name}.txt`])
        await access(join(own, name));
      assert.ok(job.stdout.includes(await readFile(join(own, "look.txt"), "utf8")));
    });

    it("are for nobody else: run, recover and resume are told for whom they are kept, and what to do", async () => {
      const kept = /kept for case kept\.closed of job-\S+, by \S+@\S+, until 20\S+Z: `migstorm release (\S+)` on /;
      const other = await another();
      assert.equal(other.exitCode, 2, other.stdout);
      assert.equal(kept.exec(other.stderr)?.[1], job.folder);
      for (const verb of ["recover", "resume"]) {
        const { exitCode, stdout, stderr } = await cli(verb, job.folder);
        assert.equal(exitCode, 2, stdout);
        assert.match(stderr, /are kept for case kept\.closed .*: somebody may be looking; `migstorm release /);
      }
      const { stdout } = await cli("doctor", "--inventory", lab.inventoryPath, "--json");
      const locks = (JSON.parse(stdout) as { question: string; mend?: string }[]).filter(
        ({ question }) => question === "lock",
      );
      for (const { mend } of locks.slice(0, 2)) assert.match(mend ?? "", /^npx migstorm release /);
    });

    it("may be kept for longer, and for a shorter time", async () => {
      const extended = async (time: string): Promise<string> => {
        const { exitCode, stdout, stderr } = await cli("release", job.folder, "--extend", time);
        assert.equal(exitCode, 0, stderr);
        return /until (\S+)$/m.exec(stdout)?.[1] ?? "";
      };
      const moment = await extended("30h");
      assert.ok(Date.parse(moment) - Date.now() > 29 * 3_600_000, moment);
      assert.match((await another()).stderr, new RegExp(`until ${moment}: `));
      await extended("1s");
    });

    it("are those of a job that died, once their time is over", async () => {
      const told = await until(
        async () => {
          const { exitCode, stderr } = await another();
          assert.equal(exitCode, 2);
          return stderr.includes("migstorm recover") ? stderr : undefined;
        },
        { everyMs: 100, timeoutMs: 20_000, what: "the time to be over" },
      );
      assert.match(told, /kept for case kept\.closed until 20\S+Z\. Its runner is gone: .*`migstorm recover /);
    });

    it("are put back by release, also then, once", async () => {
      const { exitCode, stdout, stderr } = await cli("release", job.folder);
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(stdout, new RegExp(`taken back: ${lab.source.name}: guest ${guest}`));
      assert.match(stdout, /\d+ changes taken back, 0 left$/m);
      await assertAsBefore(lab);
      const again = await cli("release", job.folder);
      assert.deepEqual([again.exitCode, again.stderr], [0, ""]);
      assert.match(again.stdout, /: was put back before\n$/);
    });

    it("let resume go on with what was not run", async () => {
      const { stdout, stderr } = await cli("resume", job.folder);
      const { cases } = await readResult(job.folder);
      assert.deepEqual(
        cases.map(({ status }) => status),
        ["PASS", "FAIL", "PASS"],
        stdout + stderr,
      );
      await assertAsBefore(lab);
    });
  });

  it("are put back by recover when the runner is killed before it holds them", async () => {
    const job = await startJob(lab, path, lab.inventoryPath, {}, "--keep-on-failure", "--no", "open");
    await job.step("keep hosts");
    assert.equal(job.child.kill("SIGKILL"), true);
    await job.ended;
    const { exitCode, stdout, stderr } = await cli("recover", job.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    await assertAsBefore(lab);
  });
});
