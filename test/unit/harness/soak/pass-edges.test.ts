import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { afterTheFirst, linked, passSeed } from "../../../../harness/soak/pass-edges.js";

describe("the edges of a pass", () => {
  it("have a new seed for each pass, and the same ones again", () => {
    const seeds = Array.from({ length: 1_000 }, (_, index) => passSeed(7, index + 1));
    assert.equal(new Set(seeds).size, 1_000);
    assert.deepEqual(
      seeds,
      seeds.map((_, index) => passSeed(7, index + 1)),
    );
    assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
    assert.notEqual(passSeed(8, 1), passSeed(7, 1));
  });

  it("let the first case begin whatever the clock says", () => {
    const enough = afterTheFirst(() => "over");
    assert.deepEqual([enough(), enough(), enough()], [undefined, "over", "over"]);
  });

  it("hand an end of the soak on, and leave nothing on its signal", () => {
    const soak = new AbortController();
    const past = Array.from({ length: 100 }, () => linked(soak.signal));
    for (const { dispose } of past) dispose();
    assert.equal(getEventListeners(soak.signal, "abort").length, 0);
    const present = linked(soak.signal);
    soak.abort(new Error("stopped by SIGINT"));
    assert.deepEqual([present.signal.aborted, present.signal.reason.message], [true, "stopped by SIGINT"]);
    assert.equal(past[0]?.signal.aborted, false);
    assert.equal(linked(soak.signal).signal.aborted, true);
  });
});
