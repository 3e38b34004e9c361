import assert from "node:assert/strict";
import { saidBy, saysNothing } from "../../../../lib/model/said-by.js";

describe("what a program says of why it failed", () => {
  const rows: readonly (readonly [stderr: string, exitCode: number | undefined, said: string])[] = [
    ["error: no such domain\n", 1, "error: no such domain"],
    ["", 1, "it said nothing, exit code 1"],
    [" \n\t", 127, "it said nothing, exit code 127"],
    ["\u001b[0m\u200b", 137, "it said nothing, signal 9"],
    ["", 128, "it said nothing, exit code 128"],
    ["", 255, "it said nothing, exit code 255"],
    ["", undefined, "it said nothing, and its exit code is not known"],
  ];
  for (const [stderr, exitCode, said] of rows)
    it(`is told of ${JSON.stringify(stderr)} and ${exitCode}: ${said}`, () => {
      const told = saidBy({ stderr, ...(exitCode === undefined ? {} : { exitCode }) });
      assert.equal(told, said);
      assert.equal(saysNothing(told), !stderr.startsWith("error"));
    });
});
