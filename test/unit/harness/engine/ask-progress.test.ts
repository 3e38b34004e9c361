import assert from "node:assert/strict";
import { askProgress } from "../../../../harness/engine/ask-progress.js";
import { addProgress, type MigrationProgress } from "../../../../lib/model/progress.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fixture } from "../../../support/fixture.js";
import { fakeCase, MOVE } from "./fake-case.js";

describe("how a migration went on", () => {
  const answering =
    (name: string): Run =>
    async (command) => ({
      ...{ command, host: "h1", exitCode: 0, stdout: fixture(`virsh-9.0.0/${name}`), stderr: "", durationMs: 1 },
    });

  it("is kept as libvirt told it to whoever asked, leg by leg", async () => {
    const ctx = fakeCase({ h1: { run: answering("domjobinfo-running-source.txt") }, h2: {}, observer: {} });
    let ms = 1_000;
    const timed = { ...ctx, nowMs: () => ms };
    const { stats } = await askProgress(timed, 1, MOVE);
    ms = 2_000;
    await askProgress(timed, 1, MOVE);
    await askProgress(timed, 2, MOVE);
    const { memoryRemainingBytes = null, dirtyPagesPerSecond = null, iterations = null, pageSizeBytes } = stats;
    assert.ok(memoryRemainingBytes !== null && pageSizeBytes !== undefined);
    const point = [memoryRemainingBytes, dirtyPagesPerSecond, iterations] as const;
    assert.deepEqual(
      [...ctx.state.progress.values()],
      [
        {
          leg: 1,
          guest: "g1",
          pageSizeBytes,
          points: [
            [1_000, ...point],
            [2_000, ...point],
          ],
        },
        { leg: 2, guest: "g1", pageSizeBytes, points: [[2_000, ...point]] },
      ],
    );
  });

  it("is not told by a job that does not run", async () => {
    for (const name of ["domjobinfo-none.txt", "domjobinfo-precopy-target.txt"]) {
      const ctx = fakeCase({ h1: { run: answering(name) }, h2: {}, observer: {} });
      await askProgress(ctx, 1, MOVE);
      assert.equal(ctx.state.progress.size, 0, name);
    }
  });

  it("takes no more room in hours than in minutes, and has no 0 for what libvirt left out", () => {
    let progress: MigrationProgress = { leg: 1, guest: "g1", points: [] };
    for (let second = 0; second < 5_000; second += 1)
      progress = addProgress(progress, second * 1_000, { memoryRemainingBytes: 5_000 - second }, 50);
    assert.ok(progress.points.length <= 50);
    assert.deepEqual(progress.points[0], [0, 5_000, null, null]);
    assert.deepEqual(progress.points.at(-1), [4_999_000, 1, null, null]);
    assert.equal(addProgress(progress, 1, { iterations: 2 }), progress);
    const nothing = { memoryRemainingBytes: 0, memoryTotalBytes: 0, dirtyPagesPerSecond: 0, iterations: 0 };
    assert.equal(addProgress(progress, 1, nothing), progress);
  });
});
