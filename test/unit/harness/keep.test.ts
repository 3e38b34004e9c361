import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { heldOf, holdHosts, keptOf } from "../../../harness/keep.js";
import type { KeptFor } from "../../../lib/lock/lock-record.js";
import type { JobRecord } from "../../../lib/model/job.js";

describe("what a job keeps to be looked at", () => {
  const job = { jobId: "job-1", token: "t1", hosts: ["h1", "h2"] } as unknown as JobRecord;
  let kept: KeptFor;
  let folder: string;

  beforeEach(async () => {
    kept = { caseId: "s.a", until: new Date(Date.now() + 60_000).toISOString() };
    folder = await mkdtemp(join(tmpdir(), "migstorm-keep-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("counts once every machine was told, and not before", async () => {
    await holdHosts(job, folder, kept, async (told) => {
      assert.deepEqual(told, kept);
      assert.equal(await keptOf(folder, job), undefined);
    });
    assert.deepEqual(await heldOf(folder, job), { ...kept, token: "t1" });
  });
  it("is nothing where a machine could not be told", async () => {
    await assert.rejects(
      holdHosts(job, folder, kept, () => Promise.reject(new Error("h2: no answer"))),
      /h2: no answer/,
    );
    assert.equal(await keptOf(folder, job), undefined);
  });
  it("is told back where only some machines could be told, or it could not be written down", async () => {
    const before = { ...kept, until: new Date(Date.now() + 1_000).toISOString() };
    for (const [one, path] of [
      [undefined, folder],
      [before, folder],
      [before, join(folder, "file", "in-a-file")],
    ] as const) {
      const told: unknown[] = [];
      const keep = async (now?: KeptFor): Promise<void> => {
        told.push(now);
        await writeFile(join(folder, "file"), "");
        if (path === folder) throw new Error(now === kept ? "h2: no answer" : "h2: no answer, once more");
      };
      await assert.rejects(
        holdHosts(job, path, kept, keep, one),
        path === folder ? /h2: no answer$/ : /ENOTDIR|EEXIST/,
      );
      assert.deepEqual(told, [kept, one]);
    }
  });
  it("is nothing where it cannot be written down", async () => {
    await assert.rejects(
      holdHosts(job, join(folder, "file", "in-a-file"), kept, () => writeFile(join(folder, "file"), "")),
    );
    assert.equal(await keptOf(folder, job), undefined);
  });
  it("is still told, and no longer held, once its time is over", async () => {
    const over = { ...kept, until: new Date(Date.now() - 1).toISOString() };
    await holdHosts(job, folder, over, async () => undefined);
    assert.equal((await keptOf(folder, job))?.caseId, "s.a");
    assert.equal(await heldOf(folder, job), undefined);
  });
  for (const damaged of ["", "{", "null", '{"token":"t1"}', '{"token":"t1","caseId":"s.a","until":5}'])
    it(`holds nothing where the file is damaged: ${damaged}`, async () => {
      await writeFile(join(folder, "kept.json"), damaged);
      assert.equal(await heldOf(folder, job), undefined);
    });
});
