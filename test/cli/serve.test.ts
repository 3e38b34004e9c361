import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { News } from "../../harness/commands/serve-stream.js";
import { fixture } from "../support/fixture.js";

const CLI = resolve(import.meta.dirname, "../../dist/harness/cli.js");
const LINES = fixture("job-recorded/events.ndjson").trimEnd().split("\n");
const JOB = "job-2026-11-21T17.00-9e94917";

describe("serve", () => {
  let results: string;
  let server: ChildProcess;
  let root: string;
  before(async () => {
    results = mkdtempSync(join(tmpdir(), "migstorm-serve-"));
    mkdirSync(join(results, JOB, "test-results", "a.case"), { recursive: true });
    writeFileSync(join(results, JOB, "job.json"), '{"token":"of a lock"}');
    writeFileSync(join(results, JOB, "plan.json"), '{"plans":[{},{}]}');
    writeFileSync(join(results, JOB, "events.ndjson"), `${LINES.slice(0, 10).join("\n")}\n`);
    writeFileSync(join(results, JOB, "test-results", "a.case", "guest.log"), "<script>alert(1)</script>");
    symlinkSync("/etc", join(results, JOB, "test-results", "etc"));
    server = spawn(process.execPath, [CLI, "serve", results], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: server.stdout! });
    for await (const line of lines) {
      root = /^SERVING +: (\S+)$/.exec(line)?.[1] ?? "";
      if (root !== "") break;
    }
  });
  after(() => {
    server.kill("SIGKILL");
    rmSync(results, { recursive: true, force: true });
  });

  const get = async (path: string, method = "GET") => {
    const answer = await fetch(new URL(path, root), { method, redirect: "manual" });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  /** As it is, without what `fetch` takes out of a path. */
  const rawStatus = async (path: string): Promise<number | undefined> => {
    const [answer] = await once(request({ port: new URL(root).port, path }).end(), "response");
    answer.resume();
    return answer.statusCode;
  };
  const under = (path: string): string => `${new URL(root).pathname}${path}`;

  it("listens on loopback, with a token in the address", () => {
    assert.match(root, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  });

  it("answers 403 without the token, whatever is asked", async () => {
    for (const path of ["/", "/x/", "/x/files/", "/events", "/favicon.ico"])
      assert.equal((await get(path)).status, 403);
    assert.equal((await get("/", "POST")).status, 403);
  });

  it("lists the job, with a policy that lets nothing else run or load", async () => {
    const { status, text, headers } = await get("");
    assert.equal(status, 200);
    assert.match(text, new RegExp(`/files/${JOB}/"`));
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'nonce-[\w-]+'; /);
    assert.doesNotMatch(text, /https?:\/\//);
  });

  it("reads only", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) assert.equal((await get("", method)).status, 405);
    assert.deepEqual([(await get("", "HEAD")).status, (await get("", "HEAD")).text], [200, ""]);
  });

  it("hands out files of cases as text that cannot run", async () => {
    const { text, headers } = await get(`files/${JOB}/test-results/a.case/guest.log`);
    assert.equal(text, "<script>alert(1)</script>");
    assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*sandbox$/);
    assert.match((await get(`files/${JOB}/test-results/a.case/`)).text, /href="\.\/guest\.log"/);
  });

  it("hands out nothing from elsewhere, and no token of a lock", async () => {
    for (const path of [
      "files/../../../../etc/passwd",
      "files/%2e%2e/%2e%2e/etc/passwd",
      "files/..%2f..%2fetc%2fpasswd",
      "files//etc/passwd",
      `files/${JOB}/test-results/etc/passwd`,
      `files/${JOB}/job.json`,
      "job/..%2f..",
      "events/job-none",
    ])
      assert.equal(await rawStatus(under(path)), 404, path);
  });

  it("tells the job live while another process writes its events, and ends within a second with the stream open", async function () {
    this.timeout(15_000);
    const stream = await fetch(new URL("events", root));
    const news = newsOf(stream);
    const until = async (what: (told: News) => boolean): Promise<News> => {
      for (;;) {
        const { value, done } = await news.next();
        if (done) throw new Error("the stream ended");
        if (what(value)) return value;
      }
    };
    const write = (from: number, to: number): void =>
      appendFileSync(join(results, JOB, "events.ndjson"), LINES.slice(from, to).join("\n") + (to > from ? "\n" : ""));

    const first = await until(({ state }) => state.jobId === JOB);
    assert.deepEqual([first.job, first.planned, first.state.migrations], [JOB, 2, []]);
    const at = LINES.findIndex((line) => line.startsWith('{"type":"throughput"')) + 1;
    write(10, at);
    const moving = await until(({ state }) => state.migrations[0]?.remainingMiB !== undefined);
    assert.equal(moving.state.migrations[0]?.totalMiB, 4097);
    write(at, LINES.length);
    const last = await until(({ state }) => state.end !== undefined);
    assert.deepEqual([last.state.judged, last.state.verdicts[0]?.status], [1, "WARN"]);

    const startMs = performance.now();
    server.kill("SIGINT");
    const [code] = await once(server, "exit");
    const tookMs = performance.now() - startMs;
    assert.equal(code, 0);
    assert.ok(tookMs < 1_000, `took ${tookMs} ms`);
    await assert.rejects(until(() => false));
  });
});

async function* newsOf(answer: Response): AsyncGenerator<News> {
  let text = "";
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^event: state\ndata: (.*)$/.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
