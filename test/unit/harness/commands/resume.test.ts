import assert from "node:assert/strict";
import { refuseLive } from "../../../../harness/commands/resume.js";

describe("resume in a lab", () => {
  const owner = { pid: 1, startTicks: "1", bootId: "b", isLasting: false, isAlive: true };

  it("is refused while the process that made it is at work there", () =>
    assert.throws(() => refuseLive("run-abc1234", owner), {
      code: "host-busy",
      message: /^process 1 is still at work in the lab run-abc1234: wait for it/,
    }));
  it("is fine once that one is gone, or is this one", () => {
    refuseLive("run-abc1234", { ...owner, isAlive: false });
    refuseLive("run-abc1234", { ...owner, pid: process.pid });
    refuseLive("run-abc1234", undefined);
  });
});
