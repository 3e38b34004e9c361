import assert from "node:assert/strict";
import { startThroughputLog, throughputLine } from "../../../../harness/engine/throughput-lines.js";
import { type JobInfo, parseJobInfo } from "../../../../lib/libvirt/job-stats.js";
import { until } from "../../../../lib/poll.js";
import { fixture } from "../../../support/fixture.js";

const running = parseJobInfo(fixture("virsh-9.0.0/domjobinfo-running-source.txt"));

describe("throughput lines", () => {
  it("have the form of the source, from the figures of a real job", () =>
    assert.equal(
      throughputLine(running.stats, 1_234),
      "Migration running for 2.5 secs; memory progress 3% (5 MiB processed, 187 MiB remaining, 193 MiB total); data progress 3% (5 MiB processed, 187 MiB remaining, 193 MiB total); memory bandwidth 2.1 MB/s; expected downtime 300 ms; since 1.2 seconds ago",
    ));
  it("show what libvirt does not tell as a question mark, never as 0", () =>
    assert.equal(
      throughputLine({}, 0),
      "Migration running for ? secs; memory progress ?% (? MiB processed, ? MiB remaining, ? MiB total); data progress ?% (? MiB processed, ? MiB remaining, ? MiB total); memory bandwidth ? MB/s; expected downtime ? ms; since 0.0 seconds ago",
    ));
  it("count since there was last less left than ever before", async () => {
    const left = [900, 500, 700, 600, 400];
    let asked = 0;
    const ask = async (): Promise<JobInfo> => ({
      type: "unbounded",
      stats: { dataRemainingBytes: left[asked++] ?? 400 },
    });
    const lines: string[] = [];
    const stop = startThroughputLog({ ask, nowMs: () => asked * 5_000, everyMs: 1 }, (line) => lines.push(line));
    await until(async () => lines.length >= 5, { everyMs: 1, timeoutMs: 2_000, what: "five lines" });
    await stop();
    assert.deepEqual(
      lines.slice(0, 5).map((line) => /since (\S+) seconds/.exec(line)?.[1]),
      ["0.0", "0.0", "5.0", "10.0", "0.0"],
    );
  });
  it("say nothing of a job that is over, of a question that fails, or after they were stopped", async () => {
    const answers: (() => Promise<JobInfo | undefined>)[] = [
      async () => ({ type: "none", stats: {} }),
      async () => ({ type: "completed", stats: running.stats }),
      async () => undefined,
      () => Promise.reject(new Error("libvirtd is gone")),
    ];
    let asked = 0;
    const lines: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ask = async (): Promise<JobInfo | undefined> => {
      const answer = answers[asked++];
      if (answer !== undefined) return answer();
      await held;
      return running;
    };
    const stop = startThroughputLog({ ask, nowMs: () => 0, everyMs: 1 }, (line) => lines.push(line));
    await until(async () => asked > answers.length, { everyMs: 1, timeoutMs: 2_000, what: "all questions" });
    const stopping = stop();
    release();
    await stopping;
    assert.deepEqual([lines, asked], [[], answers.length + 1]);
  });
});
