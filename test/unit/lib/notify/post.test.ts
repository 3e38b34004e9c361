import assert from "node:assert/strict";
import { post } from "../../../../lib/notify/post.js";
import { registerSecret } from "../../../../lib/redact.js";
import { type Receiver, receiver, SECRET } from "../../../support/receiver.js";

const QUICK = { totalMs: 2_000, tryMs: 200, pauseMs: 5 };

describe("a message to a webhook", () => {
  let hook: Receiver;
  const open = async (...how: Parameters<typeof receiver>): Promise<string> => {
    hook = await receiver(...how);
    return hook.url;
  };
  afterEach(() => hook.close());

  it("is JSON, posted once to the address that was given", async () => {
    assert.deepEqual(await post(await open(), { text: "ä" }, QUICK), { isSent: true });
    assert.deepEqual(
      hook.received.map(({ text }) => text),
      ['{"text":"ä"}'],
    );
    assert.equal(hook.received[0]?.path, `/${SECRET}`);
    assert.equal(hook.received[0]?.headers["content-type"], "application/json; charset=utf-8");
  });

  it("is tried again after 5xx, 429 and a receiver that does not answer", async () => {
    const url = await open((response, number) => {
      if (number === 0) response.writeHead(503).end();
      if (number === 1) response.writeHead(429, { "retry-after": "0" }).end();
      if (number === 3) response.end();
    });
    assert.deepEqual(await post(url, {}, QUICK), { isSent: true });
    assert.equal(hook.received.length, 4);
  });

  it("waits as long as the receiver asks for, and no longer than there is time", async () => {
    const url = await open((response) => response.writeHead(429, { "retry-after": "60" }).end());
    const startMs = performance.now();
    assert.deepEqual(await post(url, {}, { ...QUICK, totalMs: 300 }), {
      isSent: false,
      problem: "it answered HTTP 429 (tried once)",
    });
    assert.ok(performance.now() - startMs < 5_000);
    assert.equal(hook.received.length, 1);
  });

  it("does not knock all the time where the receiver asks for more than a timer takes", async () => {
    for (const asked of ["9999999999", "Infinity"]) {
      const url = await open((response) => response.writeHead(429, { "retry-after": asked }).end());
      const posted = await post(url, {}, { ...QUICK, totalMs: 300 });
      assert.deepEqual(posted, { isSent: false, problem: "it answered HTTP 429 (tried once)" });
      if (asked !== "Infinity") await hook.close();
    }
  });

  it("is given up at once when it is refused, with the receiver's word for it and without the secret", async () => {
    const url = await open((response) => response.writeHead(404).end(`no \u001b[31m${SECRET}`));
    registerSecret(SECRET);
    assert.deepEqual(await post(url, {}, QUICK), { isSent: false, problem: "it answered HTTP 404: no ***" });
    assert.equal(hook.received.length, 1);
  });

  it("reads no more than the beginning of an answer that never ends", async () => {
    const url = await open((response) => {
      response.writeHead(400);
      response.write("x".repeat(100_000));
    });
    const posted = await post(url, {}, QUICK);
    assert.deepEqual(posted, { isSent: false, problem: `it answered HTTP 400: ${"x".repeat(200)}` });
  });

  it("follows no redirect", async () => {
    const url = await open((response) => response.writeHead(307, { location: "/elsewhere" }).end());
    const posted = await post(url, {}, QUICK);
    assert.deepEqual(posted, { isSent: false, problem: "it answered HTTP 307 (redirects are not followed)" });
    assert.deepEqual(
      hook.received.map(({ path }) => path),
      [`/${SECRET}`],
    );
  });

  it("ends in time when the receiver hangs, and says so", async () => {
    const url = await open(() => undefined);
    const startMs = performance.now();
    const posted = await post(url, {}, { totalMs: 500, tryMs: 150, pauseMs: 10 });
    assert.match(posted.isSent ? "" : posted.problem, /^it did not answer in time \(tried \d times\)$/);
    assert.ok(performance.now() - startMs < 5_000);
  });

  it("names nothing of an address that cannot be reached", async () => {
    const url = await open();
    await hook.close();
    hook = await receiver();
    const refused = await post(url, {}, { ...QUICK, totalMs: 100 });
    assert.match(
      refused.isSent ? "" : refused.problem,
      /^it could not be reached \(ECONNREFUSED\) \(tried \d+ times\)$/,
    );
    const unknown = await post("http://s3cr3t.invalid/x", {}, { ...QUICK, totalMs: 1_000, pauseMs: 5_000 });
    assert.match(unknown.isSent ? "" : unknown.problem, /^it could not be reached \(E\w+\) \(tried once\)$/);
  });

  it("logs in with the name and password of the address", async () => {
    const url = (await open()).replace("//", "//me:p%40ss@");
    assert.deepEqual(await post(url, {}, QUICK), { isSent: true });
    assert.equal(hook.received[0]?.headers.authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
  });
});
