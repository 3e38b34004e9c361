import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { followKernelLogs, followPauseMs, readKernelLog } from "../../../../harness/engine/kernel-logs.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import { until } from "../../../../lib/poll.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

const line = (number: number): string => `<4>[ ${number}.000000] line ${number}`;

/** A host whose kernel says one more line each time that somebody looks, and forgets all but the last four behind its boot. */
function talking(boot = "") {
  let said = 1;
  const run: Run = async (command) => {
    said += 1;
    const lines = Array.from({ length: 4 }, (_, index) => line(said - 3 + index));
    await new Promise((done) => setTimeout(done, 5));
    return { command, host: "h1", exitCode: 0, stdout: `${boot}${lines.join("\n")}\n`, stderr: "", durationMs: 1 };
  };
  return { run, looks: () => said - 1 };
}

function contextOf(run: Run, hostMemory: "half" | "short", other = run): CaseContext {
  const fake = fakeCase({ h1: { run }, h2: { run: other }, observer: {} });
  const params = paramsSchema.parse({
    guests: { image: "a" },
    stress: { tool: "stress", hosts: "source", hostMemory },
  });
  const ctx = { ...fake, plan: { ...fake.plan, case: { ...fake.plan.case, params } } };
  const state = ctx.state.hosts.get("h1");
  assert.ok(state !== undefined);
  state.kernelMark = line(1);
  return ctx;
}

const texts = async (ctx: CaseContext): Promise<string[]> => {
  const log = await readKernelLog(ctx, "h1");
  return "added" in log ? log.added.map(({ text }) => text) : [log.lost];
};

describe("kernel logs of hosts", () => {
  it("have each line once, however many read at the same time", async () => {
    const ctx = contextOf(talking().run, "half");
    const [, , last] = await Promise.all([texts(ctx), texts(ctx), texts(ctx)]);
    assert.deepEqual(last, ["line 2", "line 3", "line 4"]);
  });
  it("are followed while memory is short, and not after that", async () => {
    const { run, looks } = talking();
    const ctx = contextOf(run, "short");
    followKernelLogs(ctx);
    await until(async () => looks() > 0, { everyMs: 5, timeoutMs: 2_000, what: "the first look" });
    await Promise.all(ctx.state.stopBoots.map((stop) => stop()));
    assert.equal(looks(), 1);
    assert.deepEqual(await texts(ctx), ["line 2", "line 3"]);
  });
  it("are followed each at its own pace: a large one lasts longer", async () => {
    const [small, large] = [talking(), talking(`<6>[ 0.000000] ${"x".repeat(2 ** 20)}\n`)];
    const ctx = contextOf(small.run, "short", large.run);
    const other = ctx.state.hosts.get("h2");
    assert.ok(other !== undefined);
    other.kernelMark = line(1);
    followKernelLogs(ctx);
    try {
      await until(async () => small.looks() > 1, { everyMs: 5, timeoutMs: 4_000, what: "the second look" });
    } finally {
      await Promise.all(ctx.state.stopBoots.map((stop) => stop()));
    }
    assert.deepEqual([small.looks(), large.looks()], [2, 1]);
    assert.deepEqual(await texts(ctx), ["line 2", "line 3", "line 4"]);
  });
  it("are followed so that 128 KiB a second may be said, and no more often than every second, nor seldom", () =>
    assert.deepEqual(
      [undefined, 0, 2 ** 17, 2 ** 18, 2 ** 19, 2 ** 20].map(followPauseMs),
      [1000, 1000, 1000, 2000, 4000, 5000],
    ));
  it("are not followed where it is not", () => {
    const ctx = contextOf(talking().run, "half");
    followKernelLogs(ctx);
    assert.deepEqual(ctx.state.stopBoots, []);
  });
});
