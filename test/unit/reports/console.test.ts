import assert from "node:assert/strict";
import type { Event, NewEvent } from "../../../lib/model/event.js";
import { caseLine, jobFooter, jobHeader, type LiveConsole, liveConsole, liveLine } from "../../../reports/console.js";
import { buildCase, buildCheck, buildJob, buildResult, stampEvents } from "../../support/build.js";

describe("caseLine", () => {
  const failing = buildCheck({ check: "downtime", status: "FAIL", message: "silent for 412 ms, the limit is 300 ms" });
  const table: [string, Parameters<typeof buildResult>[0], string][] = [
    ["PASS", {}, " (1/6) smoke.orderly.precopy: PASS (12.31 s)"],
    [
      "the check that decided",
      { status: "FAIL", checks: [buildCheck(), failing], reason: "broke off later" },
      " (1/6) smoke.orderly.precopy: FAIL (12.31 s): silent for 412 ms, the limit is 300 ms",
    ],
    [
      "what broke",
      { status: "ERROR", checks: [], reason: "h1 hung up" },
      " (1/6) smoke.orderly.precopy: ERROR (12.31 s): h1 hung up",
    ],
    [
      "what was left",
      { status: "ERROR", leftovers: ["bridge b1", "rule r"] },
      " (1/6) smoke.orderly.precopy: ERROR (12.31 s): not put back: bridge b1; rule r",
    ],
    [
      "Avocado's word",
      { status: "INTERRUPTED", reason: "Ctrl-C" },
      " (1/6) smoke.orderly.precopy: INTERRUPT (12.31 s): Ctrl-C",
    ],
    [
      "a reason of many lines",
      { status: "SKIP", durationMs: 0, reason: "no\n\u001b[31mKVM" },
      " (1/6) smoke.orderly.precopy: SKIP (0.00 s): no KVM",
    ],
  ];
  for (const [name, over, expected] of table) it(name, () => assert.equal(caseLine(1, 6, buildResult(over)), expected));

  it("has colour only when told so", () => {
    assert.ok(caseLine(1, 1, buildResult(), true).includes("\u001b[1;32mPASS\u001b[0m"));
    assert.ok(!caseLine(1, 1, buildResult()).includes("\u001b"));
  });
});

describe("jobHeader and jobFooter", () => {
  it("are Avocado's", () => {
    assert.equal(jobHeader({ jobId: "ab12", jobLog: "/r/job.log" }), "JOB ID     : ab12\nJOB LOG    : /r/job.log");
    const job = buildJob([buildResult(), buildResult({ status: "FAIL" }), buildResult({ status: "INTERRUPTED" })]);
    assert.equal(
      jobFooter(job, { html: "/r/results.html" }),
      [
        "RESULTS    : PASS 1 | ERROR 0 | FAIL 1 | SKIP 0 | WARN 0 | INTERRUPT 1 | CANCEL 0",
        "JOB TIME   : 75.20 s",
        "JOB HTML   : /r/results.html",
      ].join("\n"),
    );
  });

  it("tell what was left on a host", () => {
    const job = buildJob([buildResult({ status: "ERROR", leftovers: ["h1: rule"] })], { leftovers: ["lock on h2"] });
    assert.match(jobFooter(job, { html: "x" }), /^NOT UNDONE : lock on h2\nNOT UNDONE : h1: rule\nRESULTS/);
  });
});

describe("liveLine", () => {
  const progress = {
    caseId: "smoke.simultaneous.postcopy.stressed",
    phase: "leg 1 of 2 (there)",
    guest: "ms-ab12cd3-001-g1",
    remainingBytes: 125_829_120,
    totalBytes: 201_326_592,
    index: 2,
    total: 6,
    elapsedMs: 42_900,
  };
  it("shows case, phase, guest, remaining memory and time", () =>
    assert.equal(
      liveLine(progress, 200),
      "(2/6) smoke.simultaneous.postcopy.stressed | leg 1 of 2 (there) | ms-ab12cd3-001-g1 | 120 of 192 MiB left | 42 s",
    ));
  it("shortens the case first", () =>
    assert.equal(
      liveLine(progress, 100),
      "(2/6) smoke.simultaneous.po.. | leg 1 of 2 (there) | ms-ab12cd3-001-g1 | 120 of 192 MiB left | 42 s",
    ));
  it("never fills the last place", () => {
    for (let columns = 0; columns < 130; columns += 1)
      assert.ok(liveLine({ ...progress, guest: "数据库" }, columns).length <= Math.max(0, columns - 1));
  });
});

describe("liveConsole", () => {
  const [a, b] = ["smoke.a", "smoke.b"];
  const { commands: _, migrations: __, phases: ___, ...result } = buildResult({ case: buildCase({ id: a }) });
  const history: NewEvent[] = [
    { type: "job-started", jobId: "x" },
    { type: "case-started", caseId: a },
    { type: "step-started", caseId: a, step: "start 2 guests" },
    { type: "case-ended", result },
  ];
  const [, begun, stepped, over] = stampEvents(history, 1000) as [Event, Event, Event, Event];

  function open(isTty: boolean, columns: number | undefined): { out: () => string; live: LiveConsole } {
    let text = "";
    const live = liveConsole({
      caseIds: [a, b],
      isTty,
      columns: () => columns,
      hasColour: false,
      write: (more) => {
        text += more;
      },
    });
    return { out: () => text, live };
  }

  it("redraws one line on a terminal and takes it away before a verdict", () => {
    const { out, live } = open(true, 80);
    live.event(begun);
    live.tick(1_100);
    live.event(stepped);
    live.tick(2_100);
    live.tick(2_150);
    live.event(over);
    live.tick(3_100);
    assert.equal(
      out(),
      [
        "(1/2) smoke.a | start | 0 s",
        "\r\u001b[2K(1/2) smoke.a | start 2 guests | 1 s",
        "\r\u001b[2K (1/2) smoke.a: PASS (12.31 s)\n",
      ].join(""),
    );
  });

  it("shows the progress of a migration, and forgets it with the next step", () => {
    const { out, live } = open(true, 100);
    live.event(begun);
    live.progress({ caseId: a, phase: "leg 1", guest: "g1", remainingBytes: 2 ** 20 });
    live.progress({ caseId: "another", phase: "leg 9" });
    live.tick(1_000);
    live.event(stepped);
    live.tick(2_000);
    live.close();
    assert.equal(
      out(),
      "(1/2) smoke.a | leg 1 | g1 | 1 MiB left | 0 s\r\u001b[2K(1/2) smoke.a | start 2 guests | 1 s\r\u001b[2K",
    );
  });

  it("writes plain lines into a log, and says once a minute that it goes on", () => {
    const { out, live } = open(false, undefined);
    live.event(begun);
    live.event(stepped);
    for (let ms = 3_000; ms <= 130_000; ms += 1_000) live.tick(ms);
    live.event({ ...over, monoMs: 130_500 });
    for (let ms = 131_000; ms <= 300_000; ms += 1_000) live.tick(ms);
    assert.equal(
      out(),
      [
        " (1/2) smoke.a | start 2 guests | 59 s\n",
        " (1/2) smoke.a | start 2 guests | 119 s\n",
        " (1/2) smoke.a: PASS (12.31 s)\n",
      ].join(""),
    );
  });

  it("draws nothing on a terminal whose width nobody knows", () => {
    const { out, live } = open(true, undefined);
    live.event(begun);
    live.tick(1_100);
    assert.equal(out(), "");
  });

  it("tells of a lost connection at once", () => {
    const { out, live } = open(false, undefined);
    const [lost] = stampEvents([{ type: "connection-lost", host: "h1", reason: "reset\u001b[2J by peer" }]);
    if (lost !== undefined) live.event(lost);
    assert.equal(out(), " connection to h1 was lost: reset by peer\n");
  });
});
