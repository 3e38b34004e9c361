import assert from "node:assert/strict";
import { keptInput } from "../../../lib/kept-input.js";
import { registerSecret } from "../../../lib/redact.js";

describe("lib/kept-input", () => {
  it("keeps what a definition has, without secrets, and of more how much it was", () => {
    registerSecret("kept-input-secret");
    assert.deepEqual(keptInput({}), {});
    assert.deepEqual(keptInput({ input: "" }), {});
    assert.deepEqual(keptInput({ input: "<a>kept-input-secret</a>" }), { input: "<a>***</a>" });
    assert.deepEqual(keptInput({ input: "ä".repeat(8_192) }), { input: "ä".repeat(8_192) });
    assert.deepEqual(keptInput({ input: "ä".repeat(8_193) }), { lostInputBytes: 16_386 });
  });
});
