import assert from "node:assert/strict";
import { cappedOutput } from "../../../../lib/transport/capped.js";
import { splitLines } from "../../../../lib/transport/lines.js";

const linesOf = (...chunks: (string | Buffer)[]): string[] => {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
};

describe("splitLines", () => {
  it("joins what was cut anywhere, even inside a character", () => {
    const bytes = Buffer.from("grüße\r\n\nzwei");
    const oneByOne = [...bytes].map((byte) => Buffer.from([byte]));
    assert.deepEqual(linesOf(...oneByOne), ["grüße", "", "zwei"]);
  });
  it("cuts a line at 64 KiB and goes on with the next", () => {
    const [first, second] = linesOf("x".repeat(100_000), "x".repeat(100_000), "\nnext\n");
    assert.equal(first?.length, 64 * 1024);
    assert.equal(second, "next");
  });
  it("calls nobody for nothing", () => assert.deepEqual(linesOf(""), []));
});

describe("cappedOutput", () => {
  it("keeps the beginning and says that it cut", () => {
    const output = cappedOutput(5);
    for (const chunk of ["abc", "def", "ghi"]) output.push(Buffer.from(chunk));
    assert.equal(output.text(), "abcde\n[cut after 5 bytes]\n");
  });
  it("says nothing when it all fitted", () => {
    const output = cappedOutput(3);
    output.push(Buffer.from("abc"));
    assert.equal(output.text(), "abc");
  });
});
