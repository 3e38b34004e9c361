import assert from "node:assert/strict";
import type { Check } from "../../../../harness/checks/check.js";
import type { Evidence } from "../../../../lib/model/check.js";

export type Row = readonly [name: string, evidence: Evidence, status: string, message?: RegExp];

/** What a check says of each of these. */
export function table(title: string, check: Check, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [name, given, status, message] of rows)
      it(`${name}: ${status}`, () => {
        const result = check(given);
        assert.equal(result.status, status, result.message);
        if (message !== undefined) assert.match(result.message, message);
      });
  });
}
