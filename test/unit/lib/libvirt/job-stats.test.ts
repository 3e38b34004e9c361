import assert from "node:assert/strict";
import { parseJobInfo } from "../../../../lib/libvirt/job-stats.js";
import { fixture } from "../../../support/fixture.js";

const read = (name: string) => parseJobInfo(fixture(`virsh-9.0.0/domjobinfo-${name}.txt`));

describe("raw job statistics", () => {
  it("reads a migration that was completed, on the target", () =>
    assert.deepEqual(read("precopy-target"), {
      type: "completed",
      stats: {
        totalTimeMs: 365,
        reportedDowntimeMs: 58,
        setupTimeMs: 1,
        dataProcessedBytes: 97041618,
        dataRemainingBytes: 0,
        dataTotalBytes: 202121216,
        memoryProcessedBytes: 97041618,
        memoryRemainingBytes: 0,
        memoryTotalBytes: 202121216,
        memoryBytesPerSecond: 608064443,
        iterations: 3,
        dirtyPagesPerSecond: 0,
        pageSizeBytes: 4096,
        postcopyRequests: 0,
      },
    }));
  it("reads one that still runs, on the source", () => {
    const { type, stats } = read("running-source");
    assert.equal(type, "unbounded");
    assert.equal(stats.dataRemainingBytes, 196038656);
  });
  it("has no figures where there is no job", () => assert.deepEqual(read("none"), { type: "none", stats: {} }));
  it("has no figures after an abort", () => assert.deepEqual(read("aborted-source"), { type: "none", stats: {} }));
  it("reads the figures of compression", () => assert.ok((read("xbzrle-target").stats.compressionCacheBytes ?? 0) > 0));
  it("never makes a number of what is none", () =>
    assert.deepEqual(parseJobInfo("downtime: -1\nsetup_time:\ntime_elapsed: 1e3\nmemory_iteration=4\n").stats, {
      iterations: 4,
    }));
});
