import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { hereDocument, posixLine } from "../../../../reports/repro/posix-line.js";

const sh = (script: string): string => execFileSync("sh", ["-c", script], { encoding: "utf8" });

/** A shell has no word with a NUL, and a lone surrogate no bytes. */
const word = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
const HOSTILE = [
  "",
  "'",
  "a'b",
  "\\",
  "$(id)",
  "`id`",
  "\n",
  "a\n",
  "\u001b[31m",
  "\u202e",
  "-n",
  "~",
  "*",
  "é",
  "\ufeff",
];

describe("reports/repro/posix-line", () => {
  it("is read back by sh as exactly these arguments", () => {
    const words = [...HOSTILE, ...fc.sample(word, 300)];
    assert.deepEqual(
      sh(`printf '%s\\001' ${posixLine(words)}`)
        .split("\u0001")
        .slice(0, -1),
      words,
    );
  });

  it("shows no character that cannot be seen", () => {
    assert.equal(posixLine(["\u001b[31m\u202ered"]), `''"$(printf '\\033')"'[31m'"$(printf '\\342\\200\\256')"'red'`);
  });

  it("a here-document is read as it was, whatever stands in it", () => {
    const texts = [
      "END\n",
      "END\nEND_\n",
      "$HOME `id` \\ 'x'\n",
      "\u001b]0;$HOME`id`\\\u0007\n",
      "E\u0206\n",
      "E\u0206\u202e\nAND\n",
      ...fc.sample(word, 30),
    ];
    for (const text of texts) {
      const { redirect, lines } = hereDocument(text);
      assert.equal(sh(`cat ${redirect}\n${lines}\n`), text === "" || text.endsWith("\n") ? text : `${text}\n`);
    }
  });
});
