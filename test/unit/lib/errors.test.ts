import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { CancelCase, HarnessError, messageOf } from "../../../lib/errors.js";
import { plainText } from "../../../lib/model/plain-text.js";
import { HOSTILE } from "../reports/hostile-corpus.js";

describe("the words of what was thrown", () => {
  const rows: readonly (readonly [thrown: unknown, words: string])[] = [
    [new Error("ssh broke"), "ssh broke"],
    ["ssh broke", "ssh broke"],
    [undefined, "undefined"],
    [new Error(), "Error was thrown, and says nothing"],
    [new TypeError("\n"), "TypeError was thrown, and says nothing"],
    [new HarnessError("internal", ""), "HarnessError was thrown, and says nothing"],
    [new CancelCase(""), "CancelCase was thrown, and says nothing"],
    ["", "string was thrown, and says nothing"],
    [new AggregateError([new Error("one"), new Error("two")]), "one; two"],
    [new AggregateError([new Error("one")], "all of them"), "all of them"],
    [new AggregateError([]), "AggregateError was thrown, and says nothing"],
  ];
  for (const [index, [thrown, words]] of rows.entries())
    it(`are ${words} (${index + 1})`, () => assert.equal(messageOf(thrown), words));

  it("are never none", () => {
    for (const text of HOSTILE)
      for (const thrown of [text, new Error(text), new AggregateError([text], text)])
        assert.notEqual(plainText(messageOf(thrown)), "", JSON.stringify(text.slice(0, 60)));
  });

  it("are those of every address where a name has several and none answers", async () => {
    const thrown = await new Promise<Error>((resolve) => {
      const both = [
        { address: "127.0.0.1", family: 4 },
        { address: "127.0.0.2", family: 4 },
      ];
      const lookup = (_name: string, _options: object, told: (error: null, all: typeof both) => void) =>
        told(null, both);
      createConnection({ host: "two.invalid", port: 1, autoSelectFamily: true, lookup: lookup as never }).on(
        "error",
        resolve,
      );
    });
    assert.equal(thrown.message, "", "so it is with Node");
    assert.match(messageOf(thrown), /ECONNREFUSED 127\.0\.0\.1:1; .*ECONNREFUSED 127\.0\.0\.2:1/);
  });
});
