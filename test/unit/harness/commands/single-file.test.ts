import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { singleFilePath, writeSingleFile } from "../../../../harness/commands/single-file.js";
import type { Evidence } from "../../../../lib/model/check.js";
import type { CaseResult } from "../../../../lib/model/result.js";
import { keptText } from "../../../../reports/story.js";
import { buildCase, buildCheck, buildJob, buildLeg, buildMigration, buildResult } from "../../../support/build.js";

describe("the job as one file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-single-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const evidence = (id: string, text: string): void => {
    mkdirSync(join(folder, "test-results", id), { recursive: true });
    const told: Partial<Evidence> = {
      hosts: [{ host: "h1", kernelLog: { added: [{ level: 0, text: `panic of ${text}` }] } }],
      faults: [{ do: "block-rpc", host: "h1", leg: 1, startMs: 6_100 }],
      progress: [{ leg: 1, guest: text, points: [[6_500, 5e7, 1, 1]] }],
    };
    writeFileSync(join(folder, "test-results", id, "evidence.json"), JSON.stringify(told));
  };
  const wrong = (id: string, message: string): CaseResult => {
    evidence(id, id);
    const lines = [{ place: "h1", line: 1 }];
    return buildResult({
      case: buildCase({ id }),
      status: "FAIL",
      checks: [buildCheck({ check: "host-kernel-log", status: "FAIL", message, lines })],
    });
  };
  const out = (): string => join(folder, "mail.html");
  const written = (): string => readFileSync(out(), "utf8");

  it("has the charts, faults and log lines of what went wrong, and leads nowhere outside of itself", async () => {
    evidence("good", "good");
    const job = buildJob([
      wrong("bad", "panic"),
      buildResult({ case: buildCase({ id: "good" }) }),
      wrong("worse", "lost"),
    ]);
    const line = await writeSingleFile(folder, job, out());
    assert.match(line, /^SINGLE FILE: .*mail\.html \(\d+ bytes, charts of 2 of 2 cases that went wrong\)$/);
    const html = written();
    assert.equal(html.match(/<figcaption><h4>Memory remaining/g)?.length, 2);
    assert.equal(html.match(/panic of (?:bad|worse)</g)?.length, 2);
    assert.equal(html.match(/<g class="mk fault"><title>/g)?.length, 2);
    assert.doesNotMatch(html, /panic of good|href="(?!#)|\ssrc=|url\(|@import/);
    assert.match(html, /default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'/);
    assert.match(html, /it has the charts of 2 of the 2 cases that went wrong/);
  });

  it("stays as small as mail wants it: one of each failure first, and what is left out is said", async () => {
    const same = Array.from({ length: 6 }, (_, index) => wrong(`same${index}`, "panic"));
    const job = buildJob([...same, wrong("other", "something else")]);
    assert.match(await writeSingleFile(folder, job, out(), 1), /\(\d+ bytes, more than the 1 that mail takes, charts/);
    const bare = Buffer.byteLength(written());
    assert.match(written(), /it has the charts of 0 of the 7 cases/);
    const most = bare + 55_000;
    await writeSingleFile(folder, job, out(), most);
    assert.ok(Buffer.byteLength(written()) <= most);
    const [, shown = ""] =
      /it has the charts of (\d) of the 7 cases that went wrong\. Those of the others,/.exec(written()) ?? [];
    assert.ok(Number(shown) >= 2 && Number(shown) < 7, shown);
    assert.match(written(), /panic of same0</);
    assert.match(written(), /panic of other</);
    assert.doesNotMatch(written(), /panic of same5</);
  });

  it("tells of one of many that passed what was judged, and of one that went wrong all", async () => {
    const passed = (index: number): CaseResult =>
      buildResult({ case: buildCase({ id: `good${index}` }), legs: [buildLeg()], migrations: [buildMigration()] });
    const few = Array.from({ length: 99 }, (_, index) => passed(index));
    const bad = { ...wrong("bad", "panic"), migrations: [buildMigration()] };
    for (const [good, drawn] of [
      [few, 100],
      [[...few, passed(99)], 1],
    ] as const) {
      await writeSingleFile(folder, buildJob([bad, ...good]), out());
      assert.equal(written().match(/<div class=tl><svg [^>]*aria-label="Timeline/g)?.length, drawn);
    }
    assert.match(written(), /PASS: /);
  });

  it("does not lead to how kept hosts are looked at, with charts or without", async () => {
    const kept = { hosts: ["h1", "h2"], until: "2026-11-21T14:42:00.123Z", guests: [] };
    for (const most of [1, undefined]) {
      await writeSingleFile(folder, buildJob([{ ...wrong("bad", "panic"), kept }]), out(), most);
      assert.ok(written().includes(keptText(kept)));
      assert.doesNotMatch(written(), /look\.txt|href="(?!#)/);
    }
  });

  it("is written without what is gone, and for a job in which all went well", async () => {
    const gone = wrong("gone", "panic");
    rmSync(join(folder, "test-results"), { recursive: true });
    assert.match(await writeSingleFile(folder, buildJob([gone]), out()), /charts of 0 of 1 cases/);
    await writeSingleFile(folder, buildJob([buildResult()]), out());
    assert.match(written(), /This page stands alone\. Charts, logs/);
  });

  it("is no folder, and not the job's own report", async () => {
    await assert.rejects(singleFilePath(folder, folder), /is a folder: name the file/);
    await assert.rejects(singleFilePath(folder, join(folder, "results.html")), /the job's own report/);
    assert.equal(await singleFilePath(folder, out()), out());
  });
});
