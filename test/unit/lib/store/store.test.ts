import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event, NewEvent } from "../../../../lib/model/event.js";
import { writeDerived, writeJson, writeText } from "../../../../lib/store/artifacts.js";
import { openEventLog, parseEvents, readEvents } from "../../../../lib/store/event-log.js";
import { fileLines } from "../../../../lib/store/file-lines.js";
import { pointLatest } from "../../../../lib/store/latest.js";
import { caseFolder, jobFolderName } from "../../../../lib/store/layout.js";

const started = (step: string): NewEvent => ({ type: "step-started", caseId: "c1", step });
const stepsOf = (events: readonly Event[]): string[] =>
  events.flatMap((event) => (event.type === "step-started" ? [event.step] : []));
const unexpected = (problem: string): never => assert.fail(problem);

describe("the event log", () => {
  let path: string;
  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), "events-")), "events.ndjson");
  });

  it("has an event on the disk as soon as it was emitted, and tells the listeners", async () => {
    const log = openEventLog(path, unexpected);
    const heard: Event[] = [];
    const stop = log.listen((event) => heard.push(event));
    log.emit(started("a"));
    assert.deepEqual(stepsOf(await readEvents(path)), ["a"]);
    stop();
    log.emit(started("b"));
    assert.deepEqual(stepsOf(heard), ["a"]);
    log.close();
    log.close();
  });
  it("lets time go on where a resumed job had stopped", async () => {
    const first = openEventLog(path, unexpected);
    first.emit(started("a"));
    first.close();
    const [{ monoMs } = { monoMs: Number.NaN }] = await readEvents(path);
    const second = openEventLog(path, unexpected);
    second.emit(started("b"));
    second.close();
    assert.ok(((await readEvents(path)).at(-1)?.monoMs ?? 0) > monoMs);
  });
  it("loses nothing to a line torn by a crash", async () => {
    const first = openEventLog(path, unexpected);
    first.emit(started("a"));
    first.close();
    await appendFile(path, '{"type":"step-sta');
    const second = openEventLog(path, unexpected);
    second.emit(started("b"));
    second.close();
    assert.deepEqual(stepsOf(await readEvents(path)), ["a", "b"]);
  });
  it("says once that the disk is full, and never throws", () => {
    const problems: string[] = [];
    const log = openEventLog("/dev/full", (problem) => problems.push(problem));
    const heard: Event[] = [];
    log.listen((event) => heard.push(event));
    log.emit(started("a"));
    log.emit(started("b"));
    log.close();
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /cannot write \/dev\/full.*ENOSPC/);
    assert.equal(heard.length, 2);
  });
  it("does not let a listener that throws keep the others from hearing", () => {
    const problems: string[] = [];
    const log = openEventLog(path, (problem) => problems.push(problem));
    const heard: Event[] = [];
    log.listen(() => {
      throw new Error("broken");
    });
    log.listen((event) => heard.push(event));
    log.emit(started("a"));
    log.close();
    assert.equal(heard.length, 1);
    assert.deepEqual(problems, ["a listener of the event log threw: broken"]);
  });
  it("reads no events from a job that has none, and passes over what is none", async () => {
    assert.deepEqual(await readEvents(path), []);
    assert.deepEqual(parseEvents('null\n[]\n{"type":1}\n{"monoMs":2}\nx\n'), []);
    await assert.rejects(readEvents(tmpdir()));
  });
});

describe("lines of a file", () => {
  const all = async (path: string): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of fileLines(path)) lines.push(line);
    return lines;
  };
  it("end at a newline and at nothing else, across chunks too", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "lines-")), "text");
    const lines = ["a\u2028b", "ä".repeat(700_000), "", "c\r", "€".repeat(500_000), "last"];
    await writeFile(path, lines.join("\n"));
    assert.deepEqual(await all(path), lines);
    assert.deepEqual(await all(`${path}.gone`), []);
    await assert.rejects(all(tmpdir()), { code: "EISDIR" });
  });
  it("give events with every text whole", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "lines-")), "events.ndjson");
    const command = { host: "h1", argv: ["sh", "-c", "x\u2028".repeat(90)], startMs: 0, durationMs: 1 };
    const event: Event = { type: "command", command, at: "2026-11-21T06:42:59Z", monoMs: 1 };
    await writeFile(path, `${JSON.stringify(event)}\n${JSON.stringify(event)}\n{"type":"torn`);
    assert.deepEqual(await readEvents(path), [event, event]);
  });
});

describe("the job's folder", () => {
  it("sorts by time", () =>
    assert.equal(jobFolderName(new Date("2026-11-21T06:42:59Z"), "ab12cd3"), "job-2026-11-21T06.42-ab12cd3"));
  it("has a place for every case, and for nothing else", () => {
    assert.equal(caseFolder("/j", "smoke.precopy_1-a"), "/j/test-results/smoke.precopy_1-a");
    for (const id of ["", "..", ".", ".hidden", "a/b", "../x", "a\0", "ä", "a b", "x".repeat(251)])
      assert.throws(() => caseFolder("/j", id), { code: "internal" }, id);
  });
  for (const [what, write] of [
    ["files", writeText],
    ["what is made of them", writeDerived],
  ] as const)
    it(`gets ${what} whole or not at all`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "artifacts-"));
      await writeJson(join(folder, "deep", "plan.json"), { a: 1 });
      await Promise.all(Array.from({ length: 10 }, (_, i) => write(join(folder, "text"), `${i}`.repeat(10_000))));
      assert.equal(new Set(await readFile(join(folder, "text"), "utf8")).size, 1);
      await assert.rejects(write(join(folder, "deep"), "a folder stands there"));
      assert.deepEqual((await readdir(folder)).sort(), ["deep", "text"]);
    });
  it("gets texts of any length as they are", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "artifacts-")), "text");
    for (const text of ["", "a", `x${"🙂".repeat(2 ** 20)}`, `${"🙂".repeat(2 ** 20)}`, "é".repeat(2 ** 21)]) {
      await writeText(path, text);
      assert.ok((await readFile(path, "utf8")) === text, `${text.length} characters`);
    }
  });
  it("is what `latest` points to, whoever is quicker", async () => {
    const folder = await mkdtemp(join(tmpdir(), "latest-"));
    await Promise.all(Array.from({ length: 10 }, (_, i) => pointLatest(folder, `job-${i}`)));
    assert.match(await readlink(join(folder, "latest")), /^job-\d$/);
    assert.deepEqual(await readdir(folder), ["latest"]);
  });
});
