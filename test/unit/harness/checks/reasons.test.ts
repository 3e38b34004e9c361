import assert from "node:assert/strict";
import fc from "fast-check";
import { CHECKS, judge } from "../../../../harness/checks/index.js";
import type { CheckResult } from "../../../../lib/model/check.js";
import { plainText } from "../../../../lib/model/plain-text.js";
import { params } from "./build.js";
import { someEvidence } from "./some-evidence.js";

describe("a verdict that is not PASS", () => {
  const hasReason = ({ check, status, message }: CheckResult): void =>
    assert.match(plainText(message), /\p{L}/u, `${check}: ${status}`);

  it("says why, whichever check it is of and whatever was gathered", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(someEvidence, (gathered) => {
        for (const { name, check } of CHECKS) {
          const result = check(gathered);
          if (result.status !== "PASS") seen.add(name).add(result.status);
          if (result.status !== "PASS") hasReason(result);
        }
      }),
      { numRuns: 1_000 },
    );
    assert.deepEqual([...seen].sort(), ["ERROR", "FAIL", "WARN", ...CHECKS.map(({ name }) => name)].sort());
  });

  it("says why also where a check was to say FAIL", () => {
    const red = params({ expect: { red: ["outcome", "residue", "load"] } });
    const seen = new Set<string>();
    fc.assert(
      fc.property(someEvidence, (gathered) => {
        for (const result of judge({ ...gathered, case: { ...gathered.case, params: red } })) {
          seen.add(`${result.check} ${result.status}`);
          if (result.status !== "PASS") hasReason(result);
        }
      }),
      { numRuns: 1_000 },
    );
    for (const turned of ["outcome PASS", "outcome FAIL", "residue FAIL", "load ERROR"])
      assert.ok(seen.has(turned), turned);
  });
});
