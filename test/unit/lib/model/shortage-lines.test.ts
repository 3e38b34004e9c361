import assert from "node:assert/strict";
import fc from "fast-check";
import type { KernelLine } from "../../../../lib/model/check.js";
import { shortageLines } from "../../../../lib/model/shortage-lines.js";

const line = (text: string): KernelLine => ({ level: 4, text });
const [FAILED, STALLED, HUNG, TRACE, OTHER] = [
  "node: page allocation failure: order:3, mode:0xcc0(GFP_KERNEL)",
  "qemu-kvm: page allocation stalls for 10248ms, order:0",
  "INFO: task kworker/0:1:7 blocked for more than 120 seconds.",
  "Call Trace:",
  "eth0: link up",
];

describe("shortageLines", () => {
  it("takes signs out, and the first trace behind each; what else is said stays", () => {
    const { signs, rest } = shortageLines([TRACE, FAILED, OTHER, TRACE, TRACE, STALLED, HUNG, TRACE, TRACE].map(line));
    assert.deepEqual(
      signs.map(({ text }) => text),
      [FAILED, STALLED, HUNG],
    );
    assert.deepEqual(
      rest.map(({ text }) => text),
      [TRACE, OTHER, TRACE, TRACE],
    );
  });
  it("leaves out no more than one trace for each sign, and nothing else", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(FAILED, STALLED, HUNG, TRACE, OTHER)), (texts) => {
        const lines = texts.map(line);
        const { signs, rest } = shortageLines(lines);
        const left = lines.filter((one) => !signs.includes(one) && !rest.includes(one));
        assert.ok(left.length <= signs.length && left.every(({ text }) => text === TRACE));
        assert.deepEqual(
          lines.filter((one) => rest.includes(one)),
          rest,
        );
      }),
    ));
});
