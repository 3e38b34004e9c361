import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { batches } from "../../../../lib/capture/batches.js";

describe("batches", () => {
  it("hand on every byte once, in order, whatever the chunks", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 90_000 }), { maxLength: 12 }), async (chunks) => {
        const taken: Buffer[] = [];
        const { push, end } = batches(async (batch) => void taken.push(batch));
        for (const chunk of chunks) await push(Buffer.from(chunk));
        await end();
        assert.ok(Buffer.concat(taken).equals(Buffer.concat(chunks)));
        assert.ok(taken.every(({ length }) => length > 0));
      }),
      { numRuns: 30 },
    ));
  it("put small chunks together", async () => {
    const sizes: number[] = [];
    const { push, end } = batches(async ({ length }) => void sizes.push(length));
    for (let at = 0; at < 100; at += 1) await push(Buffer.alloc(4_096));
    await end();
    assert.deepEqual(sizes, [131_072, 131_072, 131_072, 16_384]);
  });
  it("do not keep a little to themselves", async () => {
    const seen = new PassThrough();
    const { push } = batches(async (batch) => void seen.write(batch), 5);
    void push(Buffer.from("a"));
    void push(Buffer.from("b"));
    const [data] = await once(seen, "data");
    assert.equal(String(data), "ab");
  });
  it("hand on the next only when the last is taken", async () => {
    let [under, most] = [0, 0];
    const { push, end } = batches(async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
    });
    for (let at = 0; at < 5; at += 1) void push(Buffer.alloc(200_000));
    await end();
    assert.equal(most, 1);
  });
});
