import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../../../harness/commands/bundle.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import { buildCase, buildJobPlan, buildPlan, buildResult, stampEvents } from "../../../support/build.js";

const SECRET = "bundle-secret-s3cret";

describe("harness/commands/bundle", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "migstorm-bundle-test-"));
    process.env.BUNDLE_PASSWORD = SECRET;
  });
  afterEach(() => {
    delete process.env.BUNDLE_PASSWORD;
    rmSync(root, { recursive: true, force: true });
  });

  function job(): string {
    const folder = join(root, "job-a");
    const own = join(folder, "test-results/wrong");
    mkdirSync(join(own, "collected"), { recursive: true });
    const inventory = inventorySchema.parse({
      hosts: [
        { name: "h1", address: "h1", peerUri: "qemu+tcp://h1/system", passwordEnv: "BUNDLE_PASSWORD" },
        { name: "h2", address: "h2", peerUri: "qemu+tcp://h2/system" },
      ],
      images: {},
      network: { bridge: "br0" },
    });
    writeFileSync(join(folder, "job.json"), JSON.stringify({ jobId: "job-a", token: "the-token", inventory }));
    const plans = ["wrong", "right", "unbegun"].map((id) => buildPlan({ case: buildCase({ id }) }));
    writeFileSync(join(folder, "plan.json"), JSON.stringify(buildJobPlan({ plans })));
    const ended = ["wrong", "right"].map((id) => {
      const { commands: _, migrations: __, phases: ___, ...result } = buildResult({ case: buildCase({ id }) });
      return { type: "case-ended", result } as const;
    });
    const events = stampEvents([{ type: "job-started", jobId: "job-a" }, ...ended]);
    writeFileSync(join(folder, "events.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    writeFileSync(join(own, "repro.sh"), `echo ${SECRET}; echo ${Buffer.from(SECRET).toString("base64")}`);
    writeFileSync(join(own, "collected/h1.txt"), `psk=${encodeURIComponent(SECRET)}`);
    writeFileSync(join(own, "h1.pcap"), Buffer.from([0xd4, 0, 1, 0xff]));
    writeFileSync(join(own, "h2.pcap"), "");
    truncateSync(join(own, "h2.pcap"), 64 * 2 ** 20 + 1);
    symlinkSync("/etc/shadow", join(own, "linked"));
    return folder;
  }

  it("packs the case and nothing of others, with secrets taken out of every text", async () => {
    const output = join(root, "case.tar.gz");
    let told = "";
    const code = await bundle(job(), { id: "wrong", output }, (text) => {
      told += text;
    });
    assert.equal(code, 0);
    assert.match(told, /^LEFT OUT {3}: h2\.pcap: larger than \d+ bytes$/m);
    assert.match(told, /^LEFT OUT {3}: linked: no file$/m);
    execFileSync("tar", ["-xzf", output, "-C", root]);
    const read = (name: string): Buffer => readFileSync(join(root, "job-a-wrong", name));
    // The last character of base64 depends on what would follow.
    assert.match(read("test-results/wrong/repro.sh").toString(), /^echo \*\*\*; echo \*\*\*.?=?$/);
    assert.equal(read("test-results/wrong/collected/h1.txt").toString(), "psk=***");
    assert.deepEqual([...read("test-results/wrong/h1.pcap")], [0xd4, 0, 1, 0xff]);
    assert.doesNotMatch(read("job.json").toString(), /the-token/);
    assert.match(read("events.ndjson").toString(), /"wrong"/);
    assert.doesNotMatch(`${read("events.ndjson")}${read("plan.json")}`, /"right"/);
  });

  it("refuses a case that the job does not have, or has not begun", async () => {
    const folder = job();
    const pack = (id: string) => bundle(folder, { id, output: join(root, "x") }, () => undefined);
    await assert.rejects(pack("wron"), { code: "bad-input", message: /has no case wron$/ });
    await assert.rejects(pack("unbegun"), { code: "bad-input", message: /unbegun was not begun in / });
  });
});
