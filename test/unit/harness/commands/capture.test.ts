import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaptureVerbOptions, capture } from "../../../../harness/commands/capture.js";
import { captureBytes, captureFile } from "../../../support/captures.js";

describe("capture", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-capture-verb-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const called = async (path: string, options: CaptureVerbOptions = {}) => {
    let text = "";
    const exitCode = await capture(path, options, (more) => {
      text += more;
    });
    return { exitCode, text };
  };
  const file = (bytes: Buffer): string => {
    const path = join(folder, "one.pcap");
    writeFileSync(path, bytes);
    return path;
  };

  it("prints what each group came to", async () => {
    const { exitCode, text } = await called(captureFile("sll2.pcap"), { port: [2049] });
    assert.equal(exitCode, 0);
    assert.deepEqual(text.split("\n"), [
      "port       packets   bytes  connections",
      "rpc             24    5656            3",
      "rpc-tls          0       0            0",
      "data            45  303628            3",
      "port-2049        8    5432            1",
      "101 packets, 85 of them TCP",
      "",
    ]);
  });
  it("prints every port, and all of it as JSON", async () => {
    const { text } = await called(captureFile("ethernet.pcap"), { byPort: true, json: true });
    const { packets, tcpPackets, groups, ports } = JSON.parse(text);
    assert.deepEqual([packets, tcpPackets, groups.length], [101, 85, 3]);
    assert.equal(ports.find(({ name }: { name: string }) => name === "22").packets, 8);
  });
  it("tells of one that breaks off, and of one without a packet, with exit code 4", async () => {
    const bytes = captureBytes("ethernet.pcap");
    for (const [part, sentence] of [
      [bytes.subarray(0, -9), /breaks off or is damaged after 100 packets/],
      [bytes.subarray(0, 24), /without a packet/],
    ] as const) {
      const { exitCode, text } = await called(file(part));
      assert.equal(exitCode, 4);
      assert.match(text, sentence);
      assert.match(JSON.parse((await called(file(part), { json: true })).text).problem, sentence);
    }
  });
  it("refuses what is no capture", () =>
    assert.rejects(called(file(Buffer.from("no capture at all"))), {
      code: "bad-input",
      message: /no capture that can be read/,
    }));
});
