import assert from "node:assert/strict";
import fc from "fast-check";
import { plainText } from "../../../lib/model/plain-text.js";
import { STATUSES } from "../../../lib/model/status.js";
import { findingGroups } from "../../../reports/finding-groups.js";
import { whyOf } from "../../../reports/summary.js";
import { buildCheck, buildResult } from "../../support/build.js";
import { HOSTILE } from "./hostile-corpus.js";

const text = fc.constantFrom("", " ", "\u200b", ...HOSTILE);
const check = fc.record({ status: fc.constantFrom("PASS", "WARN", "FAIL", "ERROR"), message: text });
const told = fc.record(
  {
    status: fc.constantFrom(...STATUSES),
    reason: text,
    checks: fc.array(check.map(buildCheck as never), { maxLength: 3 }),
    leftovers: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: ["status", "checks", "leftovers"] },
);

describe("why a case is not PASS", () => {
  it("is always told, whatever nobody said, and never of one that is PASS", () =>
    fc.assert(
      fc.property(told, (over) => {
        const why = whyOf(buildResult(over as never));
        if (over.status === "PASS") assert.equal(why, undefined);
        else assert.match(plainText(why ?? ""), /\S/);
      }),
      { numRuns: 500 },
    ));

  const rows: readonly (readonly [string, Parameters<typeof buildResult>[0], string])[] = [
    ["what the check said that decided", { status: "FAIL", reason: "broke off" }, "no ping"],
    ["what broke off, where nobody can tell", { status: "ERROR", reason: "broke off" }, "broke off"],
    ["what a check could not tell, where nothing broke off", { status: "ERROR" }, "no figures"],
    [
      "what is left, where nothing else is said",
      { status: "ERROR", checks: [], leftovers: ["a", "b"] },
      "not put back: a; b",
    ],
    ["that nothing is said", { status: "CANCEL", checks: [] }, "nothing is said"],
  ];
  for (const [what, over, why] of rows)
    it(`is ${what}`, () => {
      const checks = [
        buildCheck(),
        buildCheck({ status: "FAIL", message: "no ping" }),
        buildCheck({ status: "ERROR", message: "no figures" }),
      ];
      assert.equal(whyOf(buildResult({ checks, ...over })), why);
    });

  it("is grouped as it is told", () => {
    const silent = buildResult({ status: "ERROR", reason: "", checks: [] });
    assert.deepEqual(
      findingGroups([silent], []).map(({ message }) => message),
      ["nothing is said"],
    );
  });
});
