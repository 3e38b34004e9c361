import assert from "node:assert/strict";
import fc from "fast-check";
import { hostKernelLog } from "../../../../harness/checks/host-kernel-log.js";
import { lineFigures } from "../../../../harness/checks/kernel-trouble.js";
import { memory } from "../../../../harness/checks/memory.js";
import { betweenMarks } from "../../../../lib/guest/kernel-mark.js";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import { joined } from "../../../../lib/host/kernel-log.js";
import type { CheckResult, KernelLine, KernelLog } from "../../../../lib/model/check.js";
import { fixture } from "../../../support/fixture.js";
import { evidence, host } from "../../harness/checks/build.js";

const quiet = (count: number): KernelLine[] =>
  Array.from({ length: count }, (_, index) => ({ level: 6, text: `br0: port ${index}` }));
const WHOLE = quiet(10_000);
const REPORT = parseKernelLines(fixture("dmesg-util-linux/two-strikes.txt"));
const JUDGED: readonly KernelLine[] = [
  ...REPORT.filter(({ text }) => / invoked oom-killer: |^Call Trace:|^oom-kill:| Killed process /.test(text)),
  { level: 4, text: "BUG: sleeping function" },
  { level: 4, text: "a.out[7]: segfault at 0" },
  { level: 2, text: "on fire" },
];

describe("a kernel log that grows", () => {
  it("is kept whole as long as it is of some length", () => {
    assert.deepEqual(joined(undefined, { added: WHOLE }), { added: WHOLE });
    const [first, rest] = [WHOLE.slice(0, 6_000), WHOLE.slice(6_000)];
    assert.deepEqual(joined({ added: first }, { added: rest }), { added: WHOLE });
  });
  it("keeps of all that is behind the first lines what checks judge, and tells how much else there was", () => {
    const longer = joined({ added: WHOLE.slice(1) }, { added: [...WHOLE.slice(0, 1), ...REPORT, ...JUDGED.slice(-3)] });
    assert.equal(JUDGED.length, 11);
    assert.deepEqual(longer, {
      added: [...WHOLE.slice(1), ...WHOLE.slice(0, 1), ...JUDGED],
      leftOutLines: REPORT.length - 8,
    });
    assert.deepEqual(joined(longer, { added: [...quiet(3), ...JUDGED.slice(-1)] }), {
      added: [...WHOLE.slice(1), ...WHOLE.slice(0, 1), ...JUDGED, ...JUDGED.slice(-1)],
      leftOutLines: REPORT.length - 8 + 3,
    });
  });
  it("is cut off where lines that would have to be judged are too many, and stays so", () => {
    const alerts = Array.from({ length: 20_000 }, () => ({ level: 1, text: "alert" }));
    const full = joined({ added: WHOLE }, { added: alerts });
    assert.ok("added" in full && full.added.length === 30_000);
    assert.ok(!("cutOff" in joined(full, { added: quiet(500) })));
    const cut = joined(full, { added: alerts.slice(0, 2) });
    const cutOff = "more was said than the 30000 lines that are kept to be judged";
    assert.deepEqual(cut, { added: full.added, leftOutLines: 2, cutOff });
    assert.deepEqual(joined(cut, { added: alerts.slice(0, 1) }), { added: full.added, leftOutLines: 3, cutOff });
  });
  it("that was lost stays lost, and is lost by a part that is", () => {
    const lost = { lost: "gone" };
    for (const log of [joined(lost, { added: [] }), joined({ added: [] }, lost), joined(undefined, lost)])
      assert.deepEqual(log, lost);
  });
  it("has the same verdicts as if it had been kept whole", () => {
    const lines = fc.array(fc.constantFrom(...quiet(2), ...REPORT, ...JUDGED), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 5 }), fc.constantFrom(undefined, "/migstorm-two-h1"), (parts, group) => {
        const whole: KernelLog = { added: [...WHOLE, ...parts.flat()] };
        const kept = parts.reduce<KernelLog>((log, added) => joined(log, { added }), { added: WHOLE });
        assert.deepEqual(verdicts(kept, group), verdicts(whole, group));
        assert.equal(lineFigures([kept]).addedLines, whole.added.length);
      }),
      { numRuns: 30 },
    );
  });
  it("is a guest's as well, between two marks", () => {
    const text = [...WHOLE, ...quiet(4), ...JUDGED].map((line) => `<${line.level}>[ 5.0] ${line.text}\n`).join("");
    const log = betweenMarks(`<5>[ 5.0] migstorm mark tok begin\n${text}<5>[ 6.0] migstorm mark tok end\n`, "tok");
    assert.deepEqual(log, { added: [...WHOLE, ...JUDGED], leftOutLines: 4 });
  });
});

/** What the checks of kernel logs say of one that is a host's. */
function verdicts(kernelLog: KernelLog, controlGroup: string | undefined): Pick<CheckResult, "status" | "message">[] {
  const group = controlGroup === undefined ? {} : { controlGroup };
  const hosts = [host("h1", { kernelLog, ...group }), host("h2")];
  const load = [{ place: "h1", tool: "tail", sightings: [] }];
  return [hostKernelLog(evidence({ hosts })), memory(evidence({ hosts, load }))].map(({ status, message }) => ({
    status,
    message,
  }));
}

describe("the figures of kernel logs", () => {
  it("count what was left out among what was added, and by itself", () => {
    assert.deepEqual(lineFigures([{ added: quiet(3), leftOutLines: 4 }, { added: quiet(1) }, { lost: "gone" }]), {
      addedLines: 8,
      leftOutLines: 4,
    });
    assert.deepEqual(lineFigures([{ added: quiet(3) }]), { addedLines: 3 });
  });
});
