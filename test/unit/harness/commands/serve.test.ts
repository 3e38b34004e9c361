import assert from "node:assert/strict";
import { isToken, namesOf } from "../../../../harness/commands/serve-answer.js";

describe("requests to serve", () => {
  it("have the token and no other", () => {
    assert.equal(isToken("abc", "abc"), true);
    for (const other of ["", "ab", "abd", "abcd", "ABC"]) assert.equal(isToken(other, "abc"), false);
  });

  const paths: readonly (readonly [string, string[] | undefined])[] = [
    ["/", [""]],
    ["/t/files/a%20b/?x=/../", ["t", "files", "a b", ""]],
    ["/t/files/a%2Fb", ["t", "files", "a/b"]],
    ["/t/%zz", undefined],
    ["http://evil.example/t/", undefined],
    [`/${"x".repeat(5_000)}`, undefined],
  ];
  for (const [path, names] of paths)
    it(`have the names of ${path.slice(0, 40)}`, () => assert.deepEqual(namesOf(path), names));
});
