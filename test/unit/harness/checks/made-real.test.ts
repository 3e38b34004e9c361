import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CHECKS } from "../../../../harness/checks/index.js";

const LAB = resolve(import.meta.dirname, "../../../lab");
const FAULTS = ["faults.test.ts", "faults-of-stress.test.ts", "faults-of-path.test.ts", "disks.test.ts"];

/** Checks whose fault no lab can make, each with the reason. */
const NOT_MADE: Readonly<Record<string, string>> = {};

/** A check that a test of faults expects to find something: `assert.match(checks.uptime ?? "", /^FAIL…`. */
const FOUND = /checks(?:\.([a-z]+)|\["([a-z-]+)"\]) \?\? "",\s*(?:new RegExp\(\s*`|\/)\^(?:FAIL|WARN|ERROR)\b/g;

describe("every check", () => {
  it("is seen to find its fault in the lab, or there is a reason why it cannot be made there", async () => {
    const texts = await Promise.all(FAULTS.map((name) => readFile(resolve(LAB, name), "utf8")));
    const found = texts.flatMap((text) => [...text.matchAll(FOUND)].map(([, plain, quoted]) => plain ?? quoted ?? ""));
    const accounted = [...found, ...Object.keys(NOT_MADE)].sort();
    assert.deepEqual([...new Set(accounted)], CHECKS.map(({ name }) => name).sort());
    for (const name of Object.keys(NOT_MADE)) assert.ok(!found.includes(name), `${name} is made after all`);
  });
});
