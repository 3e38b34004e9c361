import assert from "node:assert/strict";
import { type Notification, notificationSchema } from "../../../../lib/model/notification.js";
import { plainText } from "../../../../lib/model/plain-text.js";
import type { JobResult } from "../../../../lib/model/result.js";
import {
  type Happening,
  type JobInQuestion,
  NOTIFICATION_LIMIT_BYTES,
  notificationOf,
  testNotification,
} from "../../../../reports/notify/notification.js";
import { type StandingFold, standingFold } from "../../../../reports/notify/standing.js";
import { buildCase, buildCheck, buildJob, buildJobPlan, buildResult, stampEvents } from "../../../support/build.js";
import { HOSTILE, jobOf } from "../hostile-corpus.js";

const AT = "2026-11-21T08:00:00.000Z";
const JOB: JobInQuestion = {
  ...{ id: "job-2026-11-21T06.42-ab12cd3", kind: "job", runner: "ci-7", folder: "/srv/results/job-2026" },
  ...{ startedAt: "2026-11-21T06:42:17.000Z", version: "0.1.0" },
};
const END: Happening = { event: "end", exitCode: 1, interrupted: false, durationMs: 4_210_000 };

const silent = (id: string) =>
  buildResult({
    case: buildCase({ id }),
    status: "FAIL",
    checks: [buildCheck({ check: "silence", status: "FAIL", message: "ms-ab12cd3-001-g1 was silent for 41230 ms" })],
  });
const fine = (id: string) => buildResult({ case: buildCase({ id }) });

/** A job whose cases ended so. */
function folded(cases: JobResult["cases"], over: Partial<JobResult> = {}): StandingFold {
  const job = buildJob(cases, over);
  const fold = standingFold();
  fold.plan({ hosts: job.hosts, plans: job.cases });
  for (const event of stampEvents([
    { type: "job-started", jobId: job.jobId },
    ...job.cases.flatMap((result) => [
      { type: "case-started", caseId: result.case.id } as const,
      { type: "step-started", caseId: result.case.id, step: "leg 1 of 2 (there)" } as const,
      { type: "case-ended", result } as const,
    ]),
  ]))
    fold.take(event);
  return fold;
}

const messageOf = (fold: StandingFold, what: Happening, job = JOB): Notification =>
  notificationOf(job, fold.now(), what, AT);

describe("a message about a job", () => {
  it("tells the first failure with its reason, its signature and the verdicts so far", () => {
    const message = messageOf(folded([fine("a.one"), silent("a.two")]), { event: "first-failure" });
    assert.deepEqual(message.firstFailure, {
      ...{ caseId: "a.two", status: "FAIL", check: "silence", reason: "ms-ab12cd3-001-g1 was silent for 41230 ms" },
      signature: "FAIL silence: * was silent for # ms",
    });
    assert.deepEqual([message.counts.PASS, message.counts.FAIL, message.failed], [1, 1, ["a.two"]]);
    assert.deepEqual(message.text.split("\n"), [
      "migstorm on `ci-7`: `job-2026-11-21T06.42-ab12cd3` has its first failure, and goes on unless it was told to stop",
      "FAIL `a.two`: `ms-ab12cd3-001-g1 was silent for 41230 ms`",
      "FAIL 1 | PASS 1 (2 cases planned)",
      "Results: `/srv/results/job-2026`",
      "migstorm `0.1.0`; `h1`: libvirt `9.0.0`, QEMU `7.2.11`; `h2`: libvirt `9.0.0`, QEMU `7.2.11`",
    ]);
  });

  it("tells the end: first line what came of it, and what is to be done where something is left", () => {
    const headline = (fold: StandingFold, over: Partial<Happening> = {}): string =>
      messageOf(fold, { ...END, ...over } as Happening)
        .text.split("\n")[0]
        ?.replace(/^.*ab12cd3` /, "") ?? "";
    assert.equal(
      headline(folded([fine("a"), fine("b")]), { exitCode: 0 } as Happening),
      "ended without a failure, 2 cases (exit code 0, after 1 h 10 min)",
    );
    assert.equal(headline(folded([silent("a"), silent("b")])), "ended with 2 failures (exit code 1, after 1 h 10 min)");
    assert.equal(
      headline(folded([fine("a")]), { interrupted: true, exitCode: 8 } as Happening),
      "was stopped before its end (exit code 8, after 1 h 10 min)",
    );
    assert.equal(
      headline(folded([]), { exitCode: 2, problem: "h1 is away" } as Happening),
      "could not do its work (exit code 2, after 1 h 10 min)",
    );
    assert.equal(
      headline(folded([buildResult({ status: "SKIP" })]), { exitCode: 2 } as Happening),
      "ended, and no case ran (exit code 2, after 1 h 10 min)",
    );

    const left = messageOf(folded([buildResult({ status: "ERROR", reason: "r", leftovers: ["h1: bridge"] })]), END);
    assert.deepEqual([left.leftovers, left.recover], [["h1: bridge"], "migstorm recover /srv/results/job-2026"]);
    assert.match(
      left.text,
      /^Not put back: `h1: bridge`\nTo put the hosts back: `migstorm recover \/srv\/results\/job-2026`$/m,
    );
    assert.equal(messageOf(folded([fine("a")]), END).recover, undefined);
  });

  it("of a runner that was killed names the case under way and how the hosts are put back", () => {
    const fold = folded([fine("a.one")]);
    const [started, step] = stampEvents([
      { type: "case-started", caseId: "a.two" },
      { type: "step-started", caseId: "a.two", step: "leg 1 of 2 (there)" },
    ]);
    assert.ok(started && step);
    fold.take(started);
    assert.equal(messageOf(fold, { event: "killed" }).underWay?.step, undefined);
    fold.take(step);
    const message = messageOf(fold, { event: "killed" });
    assert.deepEqual(message.underWay, { caseId: "a.two", since: started.at, step: "leg 1 of 2 (there)" });
    assert.match(message.text, /^Under way since `.*`: `a\.two`, `leg 1 of 2 \(there\)`$/m);
    assert.match(message.text, /^To put the hosts back: `migstorm recover \/srv\/results\/job-2026`$/m);
    assert.equal(messageOf(fold, END).underWay, undefined, "of killed only");
    assert.match(messageOf(folded([]), { event: "killed" }).text, /^No case was under way\.$/m);
  });

  it("counts FAIL and ERROR as failures, as the exit code does, and nothing else", () => {
    for (const [status, isOne] of [
      ["FAIL", true],
      ["ERROR", true],
      ["WARN", false],
      ["INTERRUPTED", false],
      ["SKIP", false],
      ["CANCEL", false],
    ] as const) {
      const { failedCount, firstFailure } = messageOf(folded([buildResult({ status, reason: "r" })]), END);
      assert.deepEqual([failedCount, firstFailure !== undefined], [isOne ? 1 : 0, isOne], status);
    }
  });

  it("counts a case of a resumed job once, by its last verdict, and forgets what has been put back since", () => {
    const fold = folded([fine("a"), buildResult({ case: buildCase({ id: "b" }), status: "ERROR", leftovers: ["x"] })]);
    for (const event of stampEvents([
      { type: "job-started", jobId: buildJob().jobId },
      { type: "case-started", caseId: "b" },
      { type: "case-ended", result: fine("b") },
    ]))
      fold.take(event);
    const { counts, leftovers } = messageOf(fold, END);
    assert.deepEqual([counts.PASS, counts.ERROR, leftovers], [2, 0, []]);
  });

  it("adds up the passes of a soak", () => {
    const fold = standingFold();
    for (const jobId of ["job-1", "job-2", "job-3"])
      for (const event of stampEvents([
        { type: "job-started", jobId },
        { type: "case-ended", result: jobId === "job-1" ? fine("a") : silent("a") },
      ]))
        fold.take(event);
    const message = messageOf(fold, { ...END, problem: "all passes were run" } as Happening, { ...JOB, kind: "soak" });
    assert.deepEqual([message.job?.passes, message.counts.PASS, message.failedCount], [3, 1, 2]);
    assert.deepEqual(message.failed, ["a"]);
    assert.match(message.text, /ended with 2 failures .*\nWhy: `all passes were run`\nFAIL `a`: /);
    assert.doesNotMatch(message.text, /Also failed/);
  });

  it("names a few of many failures, and how many more there are", () => {
    const ids = Array.from({ length: 30 }, (_, index) => `case-${index}`);
    const { text, failed, failedCount } = messageOf(folded(ids.map(silent)), END);
    assert.deepEqual([failed.length, failedCount], [10, 30]);
    assert.match(text, /^Also failed: `case-1`, `case-2`, `case-3`, `case-4`, `case-5`, and 24 more$/m);
  });
});

describe("a message with hostile text in it", () => {
  const MARKDOWN = [
    "@channel @here @all <!channel> <!here|x> <@U012> <#C012>",
    "[click](https://evil.example) ![x](https://evil.example/x.png) [a][b]",
    "<https://evil.example|Results> https://evil.example http://evil.example",
    "` @channel `",
    "``` @here ```",
    "**bold** _it_ ~~no~~ # head > quote | a | b |",
    "mailto:a@b.example javascript:alert(1) [x](javascript:alert(1)) www.evil.example",
    "&lt;!channel&gt; &#64;channel &commat;here",
    ":rotating_light: \\` \\[x\\](y)",
  ];
  const every = (text: string): Notification[] => {
    const job = { ...JOB, id: text, runner: text, folder: text, version: text };
    const fold = folded(jobOf(text).cases, { hosts: jobOf(text).hosts });
    fold.result([], [text]);
    const whats: Happening[] = [
      { event: "first-failure" },
      { event: "killed" },
      { ...END, problem: text } as Happening,
      { ...END, interrupted: true } as Happening,
    ];
    return [...whats.map((what) => notificationOf(job, fold.now(), what, AT)), testNotification(text, text, AT)];
  };

  it("is of the published form, one line a text, and small enough for every receiver", () => {
    for (const text of [...HOSTILE, ...MARKDOWN])
      for (const message of every(text)) {
        assert.deepEqual(notificationSchema.parse(message), message);
        assert.ok(Buffer.byteLength(JSON.stringify(message)) < NOTIFICATION_LIMIT_BYTES);
        JSON.parse(JSON.stringify(message), (key, value) => {
          if (typeof value === "string" && key !== "text") assert.equal(value, plainText(value), key);
        });
      }
  });

  it("has nothing in its text that chats would take for a link, a mention or an end of code", () => {
    const expected = every("plain").map(frame);
    for (const text of [...HOSTILE, ...MARKDOWN]) {
      const messages = every(text);
      for (const { text: shown } of messages) {
        assert.doesNotMatch(
          shown,
          /[@<>&]|:\/\/|\]\(|\]\[|www\.|(?:javascript|mailto|data|tel):\S/i,
          JSON.stringify(text.slice(0, 60)),
        );
        assert.doesNotMatch(shown.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }
      if (text.length < 100) assert.deepEqual(messages.map(frame), expected, JSON.stringify(text));
    }
  });

  /** What is outside of the backticks: ours alone. */
  const frame = ({ text }: Notification): string => text.replace(/`[^`\n]*`/g, "``");

  it("bears events that somebody damaged", () => {
    const fold = standingFold();
    for (const event of [{ type: "case-ended" }, { type: "case-ended", result: { case: {}, status: "?" } }] as never[])
      fold.take(event);
    assert.equal(fold.now().failedCount, 0);
  });

  it("is made of a plan without a case, too", () => {
    const fold = standingFold();
    fold.plan(buildJobPlan({ plans: [], hosts: [] }));
    assert.match(messageOf(fold, { event: "killed" }).text, /No verdict yet \(0 cases planned\)/);
  });
});
