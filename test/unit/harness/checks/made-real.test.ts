import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CHECKS } from "../../../../harness/checks/index.js";

const LAB = resolve(import.meta.dirname, "../../../lab");
const FAULTS = [
  ...["faults.test.ts", "faults-of-hosts.test.ts", "faults-of-stress.test.ts", "faults-of-path.test.ts"],
  "disks.test.ts",
];

/** A check that a test of faults expects to turn red, and to say why: `assert.match(checks.uptime ?? "", /^FAIL: …`. */
const found = (text: string): string[] =>
  [
    ...text.matchAll(
      /checks(?:\.([a-z]+)|\["([a-z-]+)"\]) \?\? "",\s*(?:new RegExp\(\s*`|\/)\^(?:FAIL|ERROR): .*[a-zA-Z]{4}/g,
    ),
  ].map(([, plain, quoted]) => plain ?? quoted ?? "");

describe("every check", () => {
  let texts: readonly string[];
  before(async () => {
    texts = await Promise.all(FAULTS.map((name) => readFile(resolve(LAB, name), "utf8")));
  });

  it("is seen to turn a case red in the lab", () => {
    const red = new Set(texts.flatMap((text) => found(text)));
    assert.deepEqual([...red].sort(), CHECKS.map(({ name }) => name).sort());
  });
  it("does not count where no reason is asked for, nor where it only warns", () => {
    const text = (pattern: string): string => `assert.match(checks.residue ?? "", ${pattern});`;
    assert.deepEqual(found(text("/^FAIL: .*domains are left/")), ["residue"]);
    for (const pattern of ["/^FAIL/", "/^FAIL: /", "/^WARN: .*its firewall/", "/FAIL: .*left/"])
      assert.deepEqual(found(text(pattern)), [], pattern);
  });
});
