import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CHECKS } from "../../../../harness/checks/index.js";

const LAB = resolve(import.meta.dirname, "../../../lab");
const FAULTS = [
  ...["faults.test.ts", "faults-of-hosts.test.ts", "faults-of-stress.test.ts", "faults-of-path.test.ts"],
  "disks.test.ts",
];

/** Checks that cannot turn a case red, each with the reason. */
const NEVER_RED: Readonly<Record<string, string>> = {
  suspended: "a guest that its timeout suspends is one that got what was asked for: WARN is the gravest that it says",
};

/** A check that a test of faults expects to turn red, and to say why: `assert.match(checks.uptime ?? "", /^FAIL: …`. */
const found = (text: string, statuses: string): string[] =>
  [
    ...text.matchAll(
      new RegExp(
        `checks(?:\\.([a-z]+)|\\["([a-z-]+)"\\]) \\?\\? "",\\s*(?:new RegExp\\(\\s*\`|/)\\^(?:${statuses}): .*[a-zA-Z]{4}`,
        "g",
      ),
    ),
  ].map(([, plain, quoted]) => plain ?? quoted ?? "");

describe("every check", () => {
  let texts: readonly string[];
  before(async () => {
    texts = await Promise.all(FAULTS.map((name) => readFile(resolve(LAB, name), "utf8")));
  });

  it("is seen to turn a case red in the lab, or there is a reason why it cannot", () => {
    const red = new Set(texts.flatMap((text) => found(text, "FAIL|ERROR")));
    for (const name of Object.keys(NEVER_RED)) assert.ok(!red.has(name), `${name} turns red after all`);
    assert.deepEqual([...red, ...Object.keys(NEVER_RED)].sort(), CHECKS.map(({ name }) => name).sort());
  });
  it("that cannot turn red is seen to warn", () => {
    const amber = texts.flatMap((text) => found(text, "WARN"));
    for (const name of Object.keys(NEVER_RED)) assert.ok(amber.includes(name), name);
  });
  it("does not count where no reason is asked for, nor where it only warns", () => {
    const text = (pattern: string): string => `assert.match(checks.residue ?? "", ${pattern});`;
    assert.deepEqual(found(text("/^FAIL: .*domains are left/"), "FAIL|ERROR"), ["residue"]);
    for (const pattern of ["/^FAIL/", "/^FAIL: /", "/^WARN: .*its firewall/", "/FAIL: .*left/"])
      assert.deepEqual(found(text(pattern), "FAIL|ERROR"), [], pattern);
  });
});
