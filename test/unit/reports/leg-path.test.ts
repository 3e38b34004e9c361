import assert from "node:assert/strict";
import { WHOLE } from "../../../reports/html/budget.js";
import { legPathTable } from "../../../reports/html/leg-path.js";
import { buildMigration } from "../../support/build.js";
import { buildLegPath } from "../../support/build-path.js";

const MIB = 2 ** 20;
const record = buildMigration({ startMs: 0, endMs: 1_000, stats: { dataProcessedBytes: 80 * MIB } });

const cellsOf = (table: string): string[][] =>
  table
    .split("<tr>")
    .slice(2)
    .map((row) =>
      row
        .replace(/<\/table>.*/, "")
        .split("<td>")
        .slice(1),
    );

describe("the ways of the legs", () => {
  it("tell what was told, where the bytes went, and the CPU of libvirt", () => {
    const path = [buildLegPath({ dataBytes: 81 * MIB, rpcBytes: MIB / 2, daemonsS: [0.05, 0.05] })];
    const [cells] = cellsOf(legPathTable({ path, migrations: [record] }, WHOLE));
    assert.deepEqual(cells, ["1", "native", "native", "80.0", "0.5", "81.0", "1.28"]);
  });

  it("name bytes that fit neither way", () => {
    const path = [buildLegPath({ dataBytes: 40 * MIB, rpcBytes: 40 * MIB })];
    assert.match(legPathTable({ path, migrations: [record] }, WHOLE), /<b class="x">neither<\/b>/);
  });

  it("have the class of migrations where there are classes, and whether others wanted the link too", () => {
    const path = [buildLegPath({ classBytes: 10 * MIB, isContended: true })];
    const [cells] = cellsOf(legPathTable({ path, migrations: [record] }, WHOLE));
    assert.deepEqual(cells?.slice(-3), ["10.0", "83.9", "contended"]);
  });

  it("show a dash for what is not known", () => {
    const failed = buildMigration({ outcome: "failed", stats: {} });
    const [cells] = cellsOf(legPathTable({ path: [buildLegPath()], migrations: [failed] }, WHOLE));
    assert.equal(cells?.filter((cell) => cell.includes("not measured")).length, 5);
    const noCpu = { ...buildLegPath(), cpu: buildLegPath().cpu.slice(1) };
    assert.match(
      cellsOf(legPathTable({ path: [noCpu], migrations: [record] }, WHOLE))[0]?.at(-1) ?? "",
      /not measured/,
    );
  });

  it("are left out where nobody looked", () => assert.equal(legPathTable({ migrations: [record] }, WHOLE), ""));
});
