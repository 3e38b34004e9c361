import assert from "node:assert/strict";
import { stayedForKept } from "../../../../harness/commands/release.js";

describe("release takes a lab down", () => {
  const owner = { pid: 1, startTicks: "1", bootId: "b", isLasting: true, isAlive: false };
  const keptUntil = "2026-11-21T06:42:00Z";

  it("that stayed for what was kept in it, also when that time is over", () =>
    assert.equal(stayedForKept({ ...owner, keptUntil }), true));
  it("and never one whose maker is still at work in it", () =>
    assert.equal(stayedForKept({ ...owner, keptUntil, isAlive: true }), false));
  it("and none in which nothing was kept: `resume` goes on there", () => assert.equal(stayedForKept(owner), false));
  it("and none that is gone", () => assert.equal(stayedForKept(undefined), false));
});
