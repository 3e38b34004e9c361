import assert from "node:assert/strict";
import { atMost } from "../../../lib/at-most.js";

describe("atMost", () => {
  it("tells work that was done, well or not, from work that was not", async () => {
    assert.equal(await atMost(1_000, Promise.resolve(1)), true);
    assert.equal(await atMost(1_000, Promise.reject(new Error("broke"))), true);
    assert.equal(await atMost(10, new Promise(() => undefined)), false);
  });
});
