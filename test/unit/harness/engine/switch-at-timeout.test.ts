import assert from "node:assert/strict";
import { switchAtTimeout } from "../../../../harness/engine/switch-at-timeout.js";
import { type MigrationOptions, paramsSchema } from "../../../../lib/model/params.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE } from "./fake-case.js";

const AT_TIMEOUT = { mode: "postcopy", timeout: 10, timeoutAction: "postcopy" } as const;

/** Longer than the pause between two questions. */
const LONG_MS = 600;

describe("the switch to postcopy at a timeout", () => {
  /** Commands that the source was given, when it takes the switch with question `takenAt`, and cannot be spoken to with `lostAt`. */
  const asked = async (options: Partial<MigrationOptions>, takenAt: number, lostAt = 0): Promise<string[]> => {
    const seen: string[] = [];
    const run: Run = async (command) => {
      seen.push([command.file, ...command.args].join(" "));
      if (seen.length === lostAt) throw new Error("keepalive timed out");
      return { command, host: "h1", exitCode: seen.length >= takenAt ? 0 : 1, stdout: "", stderr: "", durationMs: 1 };
    };
    const ctx = fakeCase({ h1: { run }, h2: {}, observer: {} });
    const stop = switchAtTimeout(ctx, MOVE, { ...paramsSchema.parse({}).migration, ...options });
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    stop();
    const before = seen.length;
    await new Promise((resolve) => setTimeout(resolve, LONG_MS / 2));
    assert.equal(seen.length, before, "it asks on when the migration is over");
    return seen;
  };

  it("is asked for until it is taken", async () =>
    assert.deepEqual(
      await asked(AT_TIMEOUT, 2),
      Array(2).fill("virsh -c qemu:///system migrate-postcopy --domain g1"),
    ));

  it("is asked for again when the source could not be spoken to", async () =>
    assert.equal((await asked(AT_TIMEOUT, 2, 1)).length, 2));

  it("is not asked for any more once the migration is over", async () =>
    assert.ok((await asked(AT_TIMEOUT, Number.POSITIVE_INFINITY)).length >= 2));

  it("is not asked for where the timeout does something else, before it, or without one", async () => {
    for (const options of [{ timeoutAction: "suspend" }, { timeout: 60_000 }, { timeout: undefined }] as const)
      assert.deepEqual(await asked({ ...AT_TIMEOUT, ...options }, 1), []);
  });
});
