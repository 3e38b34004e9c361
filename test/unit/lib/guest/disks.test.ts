import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { fillDisks, parseReadings } from "../../../../lib/guest/disks.js";
import type { Run } from "../../../../lib/transport/transport.js";

const SUM = "0123456789abcdef".repeat(4);

describe("what a guest says of its disks", () => {
  it("is told disk by disk", () =>
    assert.deepEqual(
      parseReadings(`swap d2 4644\nsum root ${SUM}\nsum d2 ${SUM}\nfault d1 sha256sum: Input/output error \nend\n`),
      new Map([
        ["d2", { usedKiB: 4644, sum: SUM }],
        ["root", { sum: SUM }],
        ["d1", { fault: "sha256sum: Input/output error" }],
      ]),
    ));
  it("is nothing when it was cut off", () => assert.equal(parseReadings(`sum root ${SUM}\n`), undefined));
  it("never throws", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const { sum } of parseReadings(`${text}\nend`)?.values() ?? []) assert.match(sum ?? SUM, /^[0-9a-f]{64}$/);
      }),
    ));
  it("is held against the sum of what the guest was given", async () => {
    let input = "";
    const run: Run = async (command) => {
      input = command.input ?? "";
      return { command, host: "g1", exitCode: 0, stdout: "missing mkswap\nend\n", stderr: "", durationMs: 1 };
    };
    const { expectedSum, missing } = await fillDisks(run, [{ disk: "d1", use: "swap" }], "seed");
    const content = Array.from({ length: 64 }, (_, number) => `${number} ${input}\n`).join("");
    assert.equal(expectedSum, createHash("sha256").update(content).digest("hex"));
    assert.deepEqual(missing, ["mkswap"]);
    const first = input;
    await fillDisks(run, [], "another seed");
    assert.notEqual(input, first);
  });
});
