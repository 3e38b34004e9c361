import assert from "node:assert/strict";
import fc from "fast-check";
import { plainLines, plainText } from "../../../../lib/model/plain-text.js";

describe("plainText", () => {
  const table: [string, string, string][] = [
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["a title", "a\u001b]0;owned\u0007b", "ab"],
    ["a link ended by ST", "\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["a string without an end swallows nothing", "\u001b]0;shown", "0;shown"],
    ["the 8-bit forms", "\u009b31mred \u009d0;owned\u009ctail", "red tail"],
    ["a charset switch", "\u001b(0lqk", "lqk"],
    ["bidi controls", "user\u202egpj.exe\u2066x", "usergpj.exex"],
    ["invisible characters", "a\u200bb\ufeffc\u00add\u{e0041}e", "abcde"],
    ["line ends and tabs", " a\r\nb\tc\u2028d ", "a b c d"],
    ["bells, backspaces, NUL and DEL", "a\u0007\u0008\u0000\u007fb", "ab"],
    ["a lone surrogate", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["ordinary words in any script", "Größe 数 🙂 שלום", "Größe 数 🙂 שלום"],
  ];
  for (const [name, given, expected] of table) it(name, () => assert.equal(plainText(given), expected));

  it("leaves nothing that a terminal obeys, whatever it is given", () => {
    const chars = fc.constantFrom(
      "\u001b",
      "\u009b",
      "[",
      "]",
      "0",
      ";",
      "m",
      "\u0007",
      "\\",
      "\n",
      "\r",
      "\u202e",
      "\ud83d",
      "a",
    );
    fc.assert(
      fc.property(fc.string({ unit: chars, maxLength: 60 }), (text) => {
        assert.doesNotMatch(plainText(text), /[\p{Cc}\p{Cf}\p{Cs}]/u);
        assert.doesNotMatch(plainLines(text).replace(/[\n\t]/g, ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it("is the same when done twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(plainText(plainText(text)), plainText(text))),
    );
  });
});

describe("plainLines", () => {
  it("keeps lines and tabs", () => assert.equal(plainLines("a\r\nb\rc\n\td"), "a\nb\nc\n\td"));
});
