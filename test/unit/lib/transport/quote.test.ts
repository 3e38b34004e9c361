import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { quote, shellLine } from "../../../../lib/transport/quote.js";

/** No NUL, which no argument can hold, and no lone surrogate, which is no text. */
const word = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(..."'\"\\$`!#~*?[]{}()<>|&;\n\r\t =%-"), maxLength: 20 }),
  )
  .map((text) => text.replace(/\0|\p{Surrogate}/gu, ""));

/** What a real shell hands to a program: each argument, ended by NUL. */
const throughShell = (args: readonly string[]): string[] =>
  execFileSync("sh", ["-c", shellLine("printf", ["%s\\0", ...args])], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

describe("quote", () => {
  it("hands every word through a real shell as it is", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 20, maxLength: 60 }), (args) => {
        assert.deepEqual(throughShell(args), args);
      }),
      { numRuns: 60 },
    );
  });
  it("leaves plain words alone, so that records stay readable", () => {
    assert.equal(quote("qemu+tcp://h1/system"), "qemu+tcp://h1/system");
    assert.equal(quote(""), "''");
  });
});
