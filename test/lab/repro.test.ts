import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { assertAsBefore, cli, type FinishedJob, runJob, scenario, type TestLab, testLab } from "../support/lab-job.js";
import { assertFound } from "../support/verdicts.js";

const REFUSED = /error: unable to connect to server at '\S+:4915\d': Connection refused/;

/** Beside the job's program there is a shell and ssh, as an engineer would have them. */
const shell = (path: string): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile("sh", [path], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });

describe("repro.sh and undo.sh", function () {
  this.timeout(180_000);
  let lab: TestLab;
  let job: FinishedJob;
  const scriptOf = (variant: string, name: string): string =>
    join(job.folder, "test-results", `again.${variant}`, name);

  before(async () => {
    lab = await testLab();
    job = await runJob(
      lab,
      await scenario(
        lab,
        "again",
        {
          guests: { count: 2, image: "tiny-a", memory: "128MiB" },
          movement: { pattern: "simultaneous" },
          migration: { maxDowntime: "400ms" },
          load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1", "--cpu-load", "2", "--timeout", "600"] }],
        },
        {
          way: {
            open: {},
            "closed-back": { faults: [{ do: "block-data", on: "target", leg: 2 }] },
          },
        },
      ),
    );
  });
  after(() => lab?.down());

  it("a case that passed has none", async () => {
    assert.deepEqual(
      job.result.cases.map(({ status }) => status),
      ["PASS", "FAIL"],
    );
    const failed = job.result.cases[1];
    const [outcome] = failed?.checks.filter(({ check }) => check === "outcome") ?? [];
    assert.match(outcome?.message ?? "", /^\S+, leg 2: failed \(error: .*Connection refused.*; \S+, leg 2: failed \(/s);
    assertFound(failed, { outcome: "FAIL" });
    await assert.rejects(access(scriptOf("open", "repro.sh")));
  });

  it("a failure of guests that were taken over is had again, with the same words, and taken back", async () => {
    const again = await shell(scriptOf("closed-back", "repro.sh"));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, REFUSED);
    assert.deepEqual(again.stdout.match(/^migration .*$/gm)?.sort(), [
      "migration 1: ended with 0, then with 0",
      "migration 2: ended with 0, then with 0",
      "migration 3: ended with 1, then with 1",
      "migration 4: ended with 1, then with 1",
    ]);

    assert.deepEqual(await shell(scriptOf("closed-back", "undo.sh")), { code: 0, stdout: "", stderr: "" });
    await assertAsBefore(lab);
  });

  it("the hosts were collected as they were before they were put back, and the case can be packed", async () => {
    const collected = await readFile(scriptOf("closed-back", `collected/${lab.inventory.hosts[1]?.name}.txt`), "utf8");
    const guest = job.result.cases[1]?.migrations[0]?.guest ?? "";
    for (const part of [
      `definition of ${guest}`,
      `last job of ${guest}`,
      `QEMU's log of ${guest}`,
      "sockets",
      "iptables",
    ])
      assert.match(collected, new RegExp(`^== ${part}$`, "m"));
    assert.match(collected, new RegExp(`<name>${guest}</name>`));
    assert.match(collected, /^LISTEN\s.*:16509\b/m);

    const output = join(lab.folder, "case.tar.gz");
    const { exitCode, stdout, stderr } = await cli(
      "bundle",
      job.folder,
      "--id",
      "again.closed-back",
      "--output",
      output,
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^BUNDLE {5}: .*case\.tar\.gz \(\d+ bytes\)$/m);
    const names = execFileSync("tar", ["-tzf", output], { encoding: "utf8" });
    for (const name of ["job.json", "events.ndjson", "repro.sh", "evidence.json", "collected/"])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes("again.open"));
  });

  it("undo.sh is harmless twice", async () => {
    assert.equal((await shell(scriptOf("closed-back", "undo.sh"))).code, 0);
    await assertAsBefore(lab);
  });
});
