import assert from "node:assert/strict";
import { guestKernelLog } from "../../../../harness/checks/guest-kernel-log.js";
import { hostKernelLog } from "../../../../harness/checks/host-kernel-log.js";
import { memory } from "../../../../harness/checks/memory.js";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import type { CheckResult, KernelLine } from "../../../../lib/model/check.js";
import { fixture } from "../../../support/fixture.js";
import { evidence, guest, host } from "./build.js";

const quiet = (count: number): KernelLine[] => Array.from({ length: count }, () => ({ level: 6, text: "all is well" }));
const strikes = parseKernelLines(fixture("dmesg-util-linux/two-strikes.txt"));

/** What stands in the lines that a check points to. */
const pointed = ({ lines = [] }: CheckResult, added: readonly KernelLine[]): (string | undefined)[] =>
  lines.map(({ line }) => added[line - 1]?.text);

describe("lines that checks point to", () => {
  it("are those that made them red, first the gravest", () => {
    const added = [
      ...quiet(4),
      { level: 4, text: "a.out[7]: segfault at 0" },
      { level: 4, text: "BUG: sleeping function" },
      ...quiet(2),
    ];
    const result = guestKernelLog(evidence({ guests: [guest(), guest({ guest: "g2", kernelLog: { added } })] }));
    assert.equal(result.status, "FAIL");
    assert.deepEqual(result.lines, [
      { place: "g2", line: 6 },
      { place: "g2", line: 5 },
    ]);
  });

  it("are counted in the log as it was read, also where strikes at others were taken out of it", () => {
    const added = [...strikes, { level: 2, text: "nfs: server a not responding" }];
    const mine = host("h1", { kernelLog: { added }, controlGroup: "/elsewhere" });
    const result = hostKernelLog(evidence({ hosts: [mine, host("h2")] }));
    assert.equal(result.status, "WARN");
    assert.deepEqual(result.lines, [{ place: "h1", line: added.length }]);
  });

  it("name the victims of the OOM killer", () => {
    const hosts = [host("h1", { kernelLog: { added: strikes } }), host("h2")];
    const stranger = hostKernelLog(evidence({ hosts }));
    const texts = pointed(stranger, strikes);
    assert.equal(texts.length, 2);
    for (const text of texts) assert.match(text ?? "", /Killed process/);
    const sighted = { place: "h1", tool: "stress-ng", sightings: [] };
    assert.deepEqual(pointed(memory(evidence({ hosts, load: [sighted] })), strikes), texts);
  });

  it("are few, and none where nothing is wrong or nothing was read", () => {
    const added = Array.from({ length: 500 }, () => ({ level: 1, text: "alert" }));
    const many = guestKernelLog(
      evidence({ guests: ["g1", "g2", "g3"].map((name) => guest({ guest: name, kernelLog: { added } })) }),
    );
    assert.equal(many.lines?.length, 10);
    assert.equal(guestKernelLog(evidence()).lines, undefined);
    assert.equal(guestKernelLog(evidence({ guests: [guest({ kernelLog: { lost: "gone" } })] })).lines, undefined);
  });
});
