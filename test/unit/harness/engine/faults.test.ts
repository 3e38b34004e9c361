import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { armFaults } from "../../../../harness/engine/faults.js";
import type { Fault } from "../../../../lib/model/probe-params.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE, PLAN } from "./fake-case.js";

const LEG = { number: 1, moves: [MOVE] };

/** What libvirt says of a guest's memory each time that it is asked: remaining of total. */
function caseOf(said: readonly (readonly [remaining: number, total: number])[]) {
  let asked = 0;
  const run: Run = async (command) => {
    const [remaining, total] = said[Math.min(asked, said.length - 1)] ?? [0, 0];
    asked += 1;
    const stdout = `Job type: 2\nmemory_total: ${total}\nmemory_remaining: ${remaining}\n`;
    return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
  };
  const fake = fakeCase({ h1: { run }, h2: {}, observer: {} });
  const faults: Fault[] = [{ do: "block-data", on: "target", at: "half-way" }];
  const struckAt: number[] = [];
  const ctx: CaseContext = {
    ...fake,
    plan: { ...PLAN, case: { ...PLAN.case, params: { ...PLAN.case.params, faults } } },
    change: async () => {
      struckAt.push(asked);
    },
  };
  return { ctx, struckAt };
}

describe("a fault half-way", () => {
  it("strikes when half of the memory is gone, not while libvirt says 0 of 0, and is told with its time", async () => {
    const { ctx, struckAt } = caseOf([
      [0, 0],
      [200, 200],
      [101, 200],
      [100, 200],
    ]);
    await armFaults(ctx, LEG, new AbortController().signal).struck();
    assert.deepEqual(struckAt, [4]);
    const [{ startMs, ...told }] = ctx.state.faults as [(typeof ctx.state.faults)[0]];
    assert.deepEqual(told, { do: "block-data", host: "h2", leg: 1 });
    assert.ok(startMs > 0);
  });

  it("that never came to pass is told as such, and nothing is made to go wrong any more", async () => {
    const { ctx, struckAt } = caseOf([[200, 200]]);
    const armed = armFaults(ctx, LEG, new AbortController().signal);
    armed.disarm();
    await assert.rejects(armed.struck(), /leg 1: no migration was seen half-way/);
    assert.deepEqual([struckAt, ctx.state.faults], [[], []]);
  });
});
