import assert from "node:assert/strict";
import { until } from "../../../lib/poll.js";

describe("until", () => {
  const patience = { everyMs: 5, timeoutMs: 60, what: "the moon" };

  it("asks until there is an answer", async () => {
    let asked = 0;
    assert.equal(await until(async () => ++asked === 3 && "risen", patience), "risen");
  });
  it("says what it waited for and what it saw last", async () =>
    assert.rejects(
      until(async () => undefined, { ...patience, detail: () => "clouds" }),
      { code: "deadline", message: "waited 0.06 s for the moon (last: clouds)" },
    ));
  it("passes on what the question throws", async () =>
    assert.rejects(
      until(() => Promise.reject(new Error("no")), patience),
      /no/,
    ));
  it("stops waiting when told to", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("Ctrl-C")), 20);
    const startMs = performance.now();
    await assert.rejects(
      until(async () => false, { ...patience, everyMs: 5_000, timeoutMs: 10_000, signal: stop.signal }),
    );
    assert.ok(performance.now() - startMs < 1_000);
  });
});
