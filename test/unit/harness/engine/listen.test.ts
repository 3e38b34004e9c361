import assert from "node:assert/strict";
import { listen } from "../../../../harness/engine/listen.js";
import type { Running } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

describe("events of a host", () => {
  /** Listens to a host whose stream ends like that. */
  const gapsAfter = async (end: { exitCode?: number; stderr: string }, isWanted: boolean): Promise<string[]> => {
    let over: (how: typeof end) => void = () => undefined;
    const ended: Running["ended"] = new Promise((resolve) => {
      over = resolve;
    });
    const running: Running = { write: () => undefined, stop: async () => over(end), ended };
    const ctx = fakeCase({ h1: { start: async () => running }, h2: {}, observer: {} });
    const host = ctx.hosts.get("h1");
    assert.ok(host !== undefined);
    await listen(ctx, host, new AbortController().signal);
    if (isWanted) over(end);
    else await ctx.state.hosts.get("h1")?.stopEvents?.();
    await ended;
    return ctx.state.eventGaps;
  };

  const gaps: readonly (readonly [end: { exitCode?: number; stderr: string }, gap: string])[] = [
    [{ exitCode: 1, stderr: "error: gone\n" }, "error: gone"],
    [{ exitCode: 1, stderr: "" }, "it said nothing, exit code 1"],
    [{ stderr: "" }, "it said nothing, and its exit code is not known"],
  ];
  for (const [end, gap] of gaps)
    it(`that end early say why: ${gap}`, async () =>
      assert.deepEqual(await gapsAfter(end, true), [`h1: the event stream ended early: ${gap}`]));

  it("that are no longer wanted leave no gap", async () =>
    assert.deepEqual(await gapsAfter({ exitCode: 1, stderr: "" }, false), []));
});
