import assert from "node:assert/strict";
import { addressOf } from "../../../../harness/engine/log-in.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

describe("addressOf", () => {
  const gone: Run = async (command) => ({
    ...{ command, host: "h1", exitCode: 1, stdout: "", durationMs: 1 },
    stderr: "error: failed to get domain 'g1'",
  });
  const ctx = fakeCase({ h1: { run: gone }, h2: { run: gone }, observer: {} });
  const [guest] = ctx.plan.guests;
  assert.ok(guest !== undefined);

  it("is what a guest was met at, when the host that it began on has it no more", async () =>
    assert.equal(await addressOf(ctx, guest), "198.18.1.1"));

  it("is asked from libvirt for one that nobody has met", async () =>
    assert.equal(await addressOf(ctx, { ...guest, name: "g2" }), undefined));
});
