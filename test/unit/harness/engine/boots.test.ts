import assert from "node:assert/strict";
import { seenUp } from "../../../../harness/engine/boots.js";
import type { BootState } from "../../../../harness/engine/context.js";
import { fakeCase } from "./fake-case.js";

const planned = { name: "b1", image: "tiny", host: "h1", mac: "52:54:00:00:00:02" };

/** Resolves once everything that could happen by now has. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));

describe("seenUp", () => {
  it("waits until a guest comes up from the boot that it is in, though it had come up before", async () => {
    const ctx = fakeCase({ h1: {}, h2: {}, observer: {} });
    const boot: { startMs: number; loginMs?: number } = { startMs: 30 };
    const state: BootState = { planned, isMigrating: false, boots: [{ startMs: 10, loginMs: 20 }, boot] };
    ctx.state.boots.set("b1", state);
    let isOver = false;
    const seen = seenUp(ctx, new AbortController().signal).then(() => {
      isOver = true;
    });
    await soon();
    assert.equal(isOver, false);
    boot.loginMs = 40;
    state.boots.push({ startMs: 50 });
    await seen;
  });

  it("does not wait for one that nobody watches any more", async () => {
    const ctx = fakeCase({ h1: {}, h2: {}, observer: {} });
    ctx.state.boots.set("b1", { planned, isMigrating: false, boots: [{ startMs: 10 }], lost: "ssh broke" });
    await seenUp(ctx, new AbortController().signal);
  });
});
