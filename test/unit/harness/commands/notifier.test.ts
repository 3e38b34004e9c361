import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Notifier, notified } from "../../../../harness/commands/notifier.js";
import { notify } from "../../../../harness/commands/notify.js";
import { HarnessError } from "../../../../lib/errors.js";
import type { NewEvent } from "../../../../lib/model/event.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import { registerSecret } from "../../../../lib/redact.js";
import { writeJson } from "../../../../lib/store/artifacts.js";
import { appendJson } from "../../../../lib/store/soak-folder.js";
import {
  buildCase,
  buildJob,
  buildJobPlan,
  buildPass,
  buildPlan,
  buildResult,
  buildSoak,
  stampEvents,
} from "../../../support/build.js";
import { type Receiver, receiver } from "../../../support/receiver.js";

const JOB = { id: "job-1", kind: "job", startedAt: "2026-11-21T06:42:17.000Z", version: "0.1.0" } as const;
const ended = (id: string, status: "PASS" | "FAIL" | "ERROR", reason = "r"): NewEvent => ({
  type: "case-ended",
  result: buildResult({ case: buildCase({ id }), status, reason, checks: [] }),
});
const BEGUN: NewEvent = { type: "job-started", jobId: "job-1" };

describe("who is told of a job", () => {
  let folder: string;
  let hook: Receiver;
  let printed: string;
  const write = (text: string): void => {
    printed += text;
  };
  const events = (): string[] => hook.messages().map(({ event }) => String(event));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migstorm-notifier-"));
    printed = "";
  });
  afterEach(async () => {
    await hook.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Does a job of which these events are told. */
  const told = (news: readonly NewEvent[], work: (notifier: Notifier | undefined) => number = () => 0) =>
    notified({ webhook: hook.url, job: { ...JOB, folder }, write }, async (notifier) => {
      for (const event of stampEvents(news)) notifier?.event(event);
      return work(notifier);
    });

  it("hears of the first failure while the job goes on, once, then of its end with the verdicts of the result", async () => {
    hook = await receiver();
    const cases = [buildResult(), buildResult({ status: "FAIL" }), buildResult({ status: "SKIP" })].map(
      (result, index) => ({ ...result, case: buildCase({ id: `c${index}` }) }),
    );
    const code = await told([BEGUN, ended("c0", "PASS"), ended("c1", "FAIL"), ended("c3", "ERROR")], (notifier) => {
      notifier?.result(buildJob(cases));
      return 1;
    });
    assert.equal(code, 1);
    assert.deepEqual(events(), ["first-failure", "end"]);
    const [first, end] = hook.messages();
    assert.deepEqual(first?.counts.SKIP, 0);
    assert.deepEqual(end?.counts.SKIP, 1);
    assert.deepEqual([end?.exitCode, printed], [1, ""]);
  });

  it("hears nothing of a first failure where there is none", async () => {
    hook = await receiver();
    await told([BEGUN, ended("a", "PASS")]);
    assert.deepEqual(events(), ["end"]);
  });

  it("hears of the first failure of a resumed job only if it has not heard of it", async () => {
    hook = await receiver((response, number) => response.writeHead(number < 2 ? 400 : 200).end());
    const news = [BEGUN, ended("a", "FAIL")];
    await told(news);
    assert.deepEqual(events(), ["first-failure", "end"]);
    assert.match(printed, /NOTIFY {5}: .*first-failure.*HTTP 400/);
    await told([BEGUN, ended("b", "FAIL")]);
    assert.deepEqual(events().slice(2), ["first-failure", "end"]);
    await told([BEGUN, ended("c", "FAIL")]);
    assert.deepEqual(events().slice(4), ["end"]);
  });

  it("hears of a resumed job what was judged before", async () => {
    hook = await receiver();
    const before = stampEvents([BEGUN, ended("a", "FAIL", "first of all")]);
    for (const event of before) await appendJson(join(folder, "events.ndjson"), event);
    await told([BEGUN, ended("b", "PASS")]);
    const [end] = hook.messages();
    assert.deepEqual([end?.failed, end?.counts.PASS], [["a"], 1]);
  });

  it("hears why a job could not do its work, and what was thrown is thrown", async () => {
    hook = await receiver();
    const away = new HarnessError("unreachable", "h1 is away");
    await assert.rejects(
      told([BEGUN], () => {
        throw away;
      }),
      away,
    );
    const [end] = hook.messages();
    assert.deepEqual([end?.event, end?.problem, end?.exitCode], ["end", "h1 is away", 2]);
  });

  it("hears no end of a job that goes on in another process", async () => {
    hook = await receiver();
    const owner = { token: "t", lives: true, isKept: false, record: { jobId: JOB.id } };
    for (const details of [{ lives: true }, { owner }])
      await assert.rejects(
        told([BEGUN], () => {
          throw new HarnessError("host-busy", "h1: the runner of that job is still alive", details);
        }),
        { code: "host-busy" },
      );
    assert.deepEqual(events(), []);
    await assert.rejects(
      told([BEGUN], () => {
        throw new HarnessError("host-busy", "h1 is in use", { owner: { ...owner, record: { jobId: "job-2" } } });
      }),
      { code: "host-busy" },
    );
    assert.deepEqual(events(), ["end"]);
  });

  it("changes no exit code and nothing that is thrown by refusing", async () => {
    hook = await receiver((response) => response.writeHead(410).end());
    assert.equal(await told([BEGUN], () => 9), 9);
    assert.match(printed, /^NOTIFY {5}: the webhook was not told \(end\): it answered HTTP 410$/m);
    assert.match(await readFile(join(folder, "job.log"), "utf8"), /warn notify: the webhook was not told/);
    assert.match(await readFile(join(folder, "notified.ndjson"), "utf8"), /"event":"end","problem":"it answered/);
  });

  it("is sent no secret that is known", async () => {
    hook = await receiver();
    registerSecret("pa@ss<word>-of-h1");
    await told([BEGUN, ended("a", "ERROR", "login with pa@ss<word>-of-h1 failed")], (notifier) => {
      notifier?.because("pa@ss<word>-of-h1");
      notifier?.result(buildJob([], { leftovers: ["pa@ss<word>-of-h1"] }));
      return 1;
    });
    const [first, end] = hook.messages();
    assert.deepEqual(first?.firstFailure?.reason, "login with *** failed");
    assert.deepEqual([end?.problem, end?.leftovers], ["***", ["***"]]);
    for (const { text } of hook.received) assert.doesNotMatch(text, /word/);
  });

  it("is nobody without a webhook", async () => {
    hook = await receiver();
    const work = async (notifier: Notifier | undefined) => (notifier === undefined ? 3 : 4);
    assert.equal(await notified({ webhook: undefined, job: { ...JOB, folder }, write }, work), 3);
    assert.deepEqual(hook.received, []);
  });

  describe("afterwards, by the verb", () => {
    const later = async (dir: string, over: object = {}): Promise<number> => {
      process.env.HOOK_OF_TEST = hook.url;
      return notify(dir, { notify: "HOOK_OF_TEST", ...over }, write);
    };
    const job = async (into: string, news: readonly NewEvent[]): Promise<void> => {
      const ids = ["a", "b"].map((id) => buildPlan({ case: buildCase({ id }) }));
      await writeJson(join(into, "job.json"), {
        jobId: "job-1",
        startedAt: JOB.startedAt,
        version: "0.1.0",
        inventory,
      });
      await writeJson(join(into, "plan.json"), buildJobPlan({ jobId: "job-1", plans: ids }));
      for (const event of stampEvents(news)) await appendJson(join(into, "events.ndjson"), event);
    };
    const over: NewEvent = { type: "job-ended", interrupted: false, leftovers: ["h1: lock"] };
    const host = { address: "192.0.2.1", peerUri: "qemu+tcp://h/system", passwordEnv: "WORD_OF_TEST" };
    const inventory = inventorySchema.parse({
      hosts: ["h1", "h2"].map((name) => ({ ...host, name })),
      ...{ images: {}, network: { bridge: "br0" } },
    });
    afterEach(() => {
      delete process.env.WORD_OF_TEST;
    });

    it("is sent no secret that the inventory names, of a job nor of a soak", async () => {
      hook = await receiver();
      process.env.WORD_OF_TEST = "hush-of-a-job-000";
      const news = (word: string): NewEvent[] => [BEGUN, ended("a", "FAIL", `login with ${word} failed`), over];
      await job(folder, news("hush-of-a-job-000"));
      await later(folder);
      process.env.WORD_OF_TEST = "hush-of-a-soak-00";
      await job(join(folder, "job-1"), news("hush-of-a-soak-00"));
      const passes = [buildPass({ jobId: "job-1" })];
      await writeJson(join(folder, "soak.json"), buildSoak({ passes, ended: "hush-of-a-soak-00 was refused" }));
      await later(folder);
      assert.deepEqual(
        hook.messages().map(({ firstFailure }) => firstFailure?.reason),
        ["login with *** failed", "login with *** failed"],
      );
      for (const { text } of hook.received) assert.doesNotMatch(text, /hush/);
    });

    it("hears how a stored job ended", async () => {
      hook = await receiver();
      await job(folder, [BEGUN, ended("a", "PASS"), ended("b", "FAIL"), over]);
      assert.equal(await later(folder), 0);
      const [end] = hook.messages();
      assert.deepEqual([end?.event, end?.exitCode, end?.failed], ["end", 3, ["b"]]);
      assert.deepEqual(end?.leftovers, ["h1: lock"]);
      assert.match(printed, /^SENT {7}: end\nmigstorm on /);
    });

    it("hears that one has no end, which may also be one that runs, also after it had ended once", async () => {
      hook = await receiver();
      const cut: NewEvent[] = [BEGUN, ended("a", "PASS"), over, BEGUN, { type: "case-started", caseId: "b" }];
      await job(folder, cut);
      await later(folder);
      const [killed] = hook.messages();
      assert.deepEqual([killed?.event, killed?.underWay?.caseId], ["killed", "b"]);
      assert.match(killed?.text ?? "", /: `job-1` has no end in its log: it still runs, or its runner was killed\n/);
      assert.doesNotMatch(killed?.text ?? "", /cut off/);
    });

    it("hears of a soak, also of passes of which only a line is left", async () => {
      hook = await receiver();
      const counts = { ...buildPass().counts, PASS: 1, FAIL: 1 };
      const passes = [buildPass({ jobId: "gone" }), buildPass({ jobId: "job-1", pass: 2, counts })];
      await job(join(folder, "job-1"), [BEGUN, ended("a", "PASS"), ended("b", "FAIL"), over]);
      await writeJson(join(folder, "soak.json"), buildSoak({ passes, exitCode: 1, ended: "all passes were run" }));
      await later(folder);
      const [end] = hook.messages();
      assert.deepEqual([end?.event, end?.exitCode, end?.failedCount, end?.failed], ["end", 1, 1, ["b"]]);
      assert.deepEqual([end?.counts.PASS, end?.problem], [3, "all passes were run"]);
    });

    it("ends with exit code 2 when the message does not arrive, and 4 when nothing can be told", async () => {
      hook = await receiver((response) => response.writeHead(404).end("no_service"));
      await assert.rejects(later(folder, { test: true }), /say what/);
      await assert.rejects(later(folder), { code: "bad-input" });
      await job(folder, [BEGUN, over]);
      await assert.rejects(later(folder), { code: "command-failed", message: /HTTP 404: no_service/ });
      await assert.rejects(notify(folder, {}, write), /say where/);
    });
  });
});
