import assert from "node:assert/strict";
import { patienceFor } from "../../../../harness/shrink/patience.js";

describe("harness/shrink/patience", () => {
  /** Whatever waits, in milliseconds from now; nothing does by itself. */
  let waiting: { readonly late: () => void; readonly ms: number | undefined; readonly timer: NodeJS.Timeout }[];
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

  beforeEach(() => {
    waiting = [];
    globalThis.setTimeout = ((late: () => void, ms?: number) => {
      const timer = { number: waiting.length } as unknown as NodeJS.Timeout;
      waiting.push({ late, ms, timer });
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer?: NodeJS.Timeout) => {
      waiting = waiting.filter((one) => one.timer !== timer);
    }) as typeof clearTimeout;
  });
  afterEach(() => Object.assign(globalThis, real));

  it("is three times the longest failure and a minute beyond", () => {
    const { signal } = patienceFor(20_000);
    assert.deepEqual([waiting.map(({ ms }) => ms), signal.aborted], [[120_000], false]);
    waiting[0]?.late();
    assert.equal(signal.reason.message, "it took more than 120 s, far longer than before");
  });

  it("ends with the run, and never where nobody knows how long the failure takes", () => {
    patienceFor(1).dispose();
    patienceFor(0).dispose();
    const { signal } = patienceFor(0);
    assert.deepEqual([waiting, signal.aborted], [[], false]);
  });
});
