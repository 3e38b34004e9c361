import assert from "node:assert/strict";
import { collect, isOff } from "../../../../harness/engine/collect.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { buildMigration } from "../../../support/build.js";
import { fakeCase } from "./fake-case.js";

describe("what is collected from the hosts", () => {
  it("is stored of each, also that one does not answer", async () => {
    const asked: (readonly string[])[] = [];
    const run: Run = async (command) => {
      asked.push(command.args.slice(3));
      return { command, host: "h1", exitCode: 0, stdout: "== domains\n", stderr: "", durationMs: 1 };
    };
    const gone: Run = async () => {
      throw new Error("h2 went away");
    };
    const ctx = fakeCase({ h1: { run }, h2: { run: gone }, observer: {} });
    const stored = new Map<string, string>();
    await collect({ ...ctx, nowMs: () => 61_000 }, 1_000, async (host, text) => {
      stored.set(host, text);
    });
    assert.deepEqual(Object.fromEntries(stored), {
      h1: "== domains\n",
      h2: "nothing could be collected: h2 went away\n",
    });
    const names = ctx.plan.guests.map(({ name }) => name);
    assert.deepEqual(asked, [["qemu:///system", "60", "65536", ...names]]);
  });

  it("is wanted before the restore where a migration ended as it should not have", () => {
    const { state, plan } = fakeCase({ h1: {}, h2: {}, observer: {} });
    assert.equal(isOff({ state, plan }), false);
    state.migrations.push(buildMigration());
    assert.equal(isOff({ state, plan }), false);
    state.migrations.push(buildMigration({ outcome: "failed" }));
    assert.equal(isOff({ state, plan }), true);
  });
});
