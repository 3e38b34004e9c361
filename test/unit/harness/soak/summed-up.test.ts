import assert from "node:assert/strict";
import { RETENTION, retained } from "../../../../harness/soak/retention.js";
import { type Passes, summedUp } from "../../../../harness/soak/summed-up.js";
import type { PassSummary } from "../../../../lib/model/soak.js";
import { buildPass } from "../../../support/build.js";

/** Every fifth pass is not OK. */
const passOf = (pass: number): PassSummary => {
  const isBad = pass % 5 === 0;
  const counts = { ...buildPass().counts, PASS: isBad ? 1 : 2, FAIL: isBad ? 1 : 0 };
  return buildPass({ pass, exitCode: isBad ? 1 : 0, counts, bytes: 1, durationMs: 10 });
};
function soak(count: number): Passes & { readonly mostLines: number } {
  let [over, mostLines]: [Passes, number] = [{ passes: [] }, 0];
  for (let pass = 1; pass <= count; pass += 1) {
    over = summedUp({ ...over, passes: retained([...over.passes, passOf(pass)], RETENTION) });
    mostLines = Math.max(mostLines, over.passes.length);
  }
  return { ...over, mostLines };
}

describe("what is kept in memory of a soak's passes", () => {
  it("is a line of each as long as they are few", () => {
    const { passes, earlier } = soak(900);
    assert.deepEqual([passes.length, earlier], [900, undefined]);
  });
  it("does not grow any more over thousands of passes, and none is forgotten in the sums", function () {
    this.timeout(20_000);
    const { passes, earlier, mostLines } = soak(4_000);
    assert.equal(mostLines, RETENTION.wholeOk + RETENTION.wholeNotOk + RETENTION.reduced);
    assert.equal(passes.at(-1)?.pass, 4_000);
    const told = { passes: 4_000 - passes.length, durationMs: 10 * (4_000 - passes.length), exitCode: 1 };
    const bad = 800 - passes.filter(({ exitCode }) => exitCode !== 0).length;
    assert.deepEqual(earlier, {
      ...{ ...told, ok: told.passes - bad },
      counts: { ...buildPass().counts, PASS: told.passes * 2 - bad, FAIL: bad },
    });
  });
  it("is the same as with a line of each: what is kept on the disk does not change", () => {
    let all: PassSummary[] = [];
    for (let pass = 1; pass <= 1_300; pass += 1) all = retained([...all, passOf(pass)], RETENTION);
    assert.deepEqual(
      soak(1_300).passes,
      all.filter(({ kept }) => kept !== "gone"),
    );
  });
});
