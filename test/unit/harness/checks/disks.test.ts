import assert from "node:assert/strict";
import { disks } from "../../../../harness/checks/disks.js";
import type { DiskEvidence } from "../../../../lib/model/check.js";
import { evidence, guest } from "./build.js";

const SUM = "a".repeat(64);
const whole = { sum: SUM };
const data: DiskEvidence = {
  ...{ disk: "d1", use: "ephemeral", on: "nfs" },
  ...{ expectedSum: SUM, before: whole, after: whole },
};
const swap: DiskEvidence = {
  ...{ disk: "d2", use: "swap", on: "iscsi", expectedSum: SUM },
  ...{ before: { ...whole, usedKiB: 4000 }, after: { ...whole, usedKiB: 3000 } },
};
const { after: _, ...unread } = data;

describe("the check of disks", () => {
  const table: readonly (readonly [string, readonly DiskEvidence[], RegExp])[] = [
    ["all as it was", [data, swap], /^PASS: all 2 disks hold what was written to them, and swap is in use$/],
    ["another content", [{ ...data, after: { sum: "b".repeat(64) } }], /^FAIL: g1: ephemeral disk d1 \(nfs\): it does/],
    ["a file that is gone", [{ ...data, after: {} }], /^FAIL: .*the file is gone/],
    ["an I/O error", [{ ...data, after: { fault: "Input/output error" } }], /^FAIL: .*Input\/output error/],
    ["swap that is off", [{ ...swap, after: whole }], /^FAIL: g1: swap disk d2 \(iscsi\): the swap is not active/],
    ["swap that is empty", [{ ...swap, after: { ...whole, usedKiB: 0 } }], /^FAIL: .*nothing is in the swap/],
    ["swap that brings back something else", [{ ...swap, after: { usedKiB: 1, sum: "c" } }], /^FAIL: .*does not hold/],
    ["a guest that does not answer any more", [unread], /^ERROR: .*is not known/],
    ["a disk that was never well", [{ ...data, before: { fault: "no disk" } }], /^ERROR: .*not well before the first/],
    ["no disk at all", [], /^ERROR: there was nothing to judge/],
  ];
  for (const [name, given, expected] of table)
    it(name, () => {
      const { status, message } = disks(evidence({ guests: [guest({ disks: given })] }));
      assert.match(`${status}: ${message}`, expected);
    });
  it("a guest whose disks nobody wrote to", () => assert.equal(disks(evidence({ guests: [guest()] })).status, "ERROR"));
});
