import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { startThroughputLog } from "../../harness/engine/throughput-lines.js";
import { abortJob, jobInfo, virsh } from "../../lib/libvirt/virsh.js";
import { until } from "../../lib/poll.js";
import { benchParams, withGuests } from "../bench/bench-guests.js";
import { type TestLab, testLab } from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const NUMBERS =
  /^Migration running for \d+\.\d secs; memory progress \d+% \(\d+ MiB processed, \d+ MiB remaining, \d+ MiB total\); data progress \d+% \(\d+ MiB processed, \d+ MiB remaining, \d+ MiB total\); memory bandwidth \d+\.\d MB\/s; expected downtime \d+ ms; since \d+\.\d seconds ago$/;

describe("throughput lines of a real migration", function () {
  this.timeout(180_000);
  let lab: TestLab;

  before(async () => {
    needsRoot();
    lab = await testLab();
  });
  after(() => lab.down());

  it("have every figure while it runs, and end with it", () => {
    const [first, second] = lab.inventory.hosts;
    assert.ok(first !== undefined && second !== undefined);
    const job = {
      ...{ jobId: "lines", jobKey: "11ne5aa", token: randomUUID(), version: "test", argv: [], seed: 1 },
      ...{ startedAt: new Date().toISOString(), inventory: lab.inventory, lab: lab.name },
      hosts: [first.name, second.name] as const,
    };
    return withGuests(job, lab.folder, benchParams(1), async ({ plan, nowMs }) => {
      const guest = plan.guests[0]!.name;
      const { run } = lab.source;
      const uri = first.connectUri;
      const options = ["--live", "--p2p", "--bandwidth", "4", "--domain", guest, "--desturi", second.peerUri];
      const migration = run({ ...virsh(uri, "migrate", ...options), timeoutMs: 120_000 });
      const lines: string[] = [];
      const ask = () => jobInfo(run, uri, guest);
      const stop = startThroughputLog({ ask, nowMs, everyMs: 500 }, (line) => lines.push(line));
      await until(async () => lines.length >= 3, { everyMs: 20, timeoutMs: 30_000, what: "three lines" });
      const { stdout } = await run(virsh(uri, "domjobinfo", "--domain", guest));
      await abortJob(run, uri, guest);
      assert.notEqual((await migration).exitCode, 0);
      await stop();
      assert.ok(lines.length < 100);
      for (const line of lines.slice(1)) assert.match(line, NUMBERS);
      // While it runs, what libvirt calls downtime is the expected one.
      const expected = /^Expected downtime:\s+(\d+)\s+ms$/m.exec(stdout)?.[1];
      assert.ok(expected !== undefined, stdout);
      assert.match(lines[1] ?? "", new RegExp(`expected downtime ${expected} ms;`));
    });
  });
});
