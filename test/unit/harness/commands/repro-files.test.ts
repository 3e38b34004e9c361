import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GUESTS_JOURNAL } from "../../../../harness/case-journals.js";
import { writeRepros } from "../../../../harness/commands/repro-files.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import type { CommandRecord } from "../../../../lib/model/result.js";
import { caseFolder } from "../../../../lib/store/layout.js";
import { buildCase, buildCommand, buildJob, buildJobPlan, buildPlan, buildResult } from "../../../support/build.js";

const GUEST = "ms-ab12cd3-001-g1";
const MAKE = { host: "h1", what: `guest ${GUEST} (definition)` };
const inventory = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, address: name, peerUri: `qemu+tcp://${name}/system` })),
  images: { tiny: { kernel: "/k", login: { hostKey: "first-use" } } },
  network: { bridge: "br0" },
});
const install = (over: Partial<CommandRecord> = {}) =>
  buildCommand({ host: GUEST, what: "install stress", argv: ["sh", "-c", "x", "sh", "stress"], ...over });
const load = buildCommand({ host: GUEST, what: "load: stress", argv: ["start"], startMs: 9 });
const migrate = buildCommand({ host: "h1", what: "migrate", argv: ["virsh", "migrate", GUEST], startMs: 10 });

/** The lines of `repro.sh` of the second of some cases that had the same guests, of which the first one made them. */
async function lines(...commands: readonly (readonly CommandRecord[])[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-repro-"));
  const cases = commands.map((_, index) => buildCase({ id: `s.${index}`, variants: [String(index)] }));
  const results = cases.map((one, index) =>
    buildResult({
      case: one,
      status: index === 1 ? "FAIL" : "PASS",
      commands: commands[index] ?? [],
    }),
  );
  const guests = [{ name: GUEST, image: "tiny", host: "h1", mac: "52:54:00:00:00:01" }];
  const plans = cases.map((one) => buildPlan({ case: one, herd: "s.0", hosts: ["h1", "h2"], guests }));
  const write = (name: string, value: unknown) => writeFile(join(folder, name), `${JSON.stringify(value)}\n`);
  await write("plan.json", buildJobPlan({ plans }));
  await write("job.json", { jobId: "job-2026-11-21T06.42-ab12cd3", inventory });
  for (const { id } of cases) await mkdir(caseFolder(folder, id), { recursive: true });
  const command = { file: "define", args: [], timeoutMs: 1_000 };
  const entry = { id: "1", ...MAKE, apply: command, undo: { ...command, file: "undefine" } };
  await writeFile(join(caseFolder(folder, "s.0"), GUESTS_JOURNAL), `${JSON.stringify({ op: "will", entry })}\n`);
  assert.deepEqual(await writeRepros(folder, buildJob(results)), []);
  const script = await readFile(join(caseFolder(folder, "s.1"), "repro.sh"), "utf8");
  return script.match(/^(?:(?:change|migrate) \d.*(?= <)|await \S+)/gm) ?? [];
}

const INSTALL = `change 0 ${GUEST} sh -c x sh stress`;

describe("writeRepros", () => {
  it("gives guests that were taken over the tool that an earlier case installed in them, once one can log in", async () => {
    assert.deepEqual(await lines([install()], [load, migrate]), [
      "change 0 h1 define",
      `await ${GUEST}`,
      INSTALL,
      `change 0 ${GUEST} start`,
      `migrate 1 0 h1 virsh migrate ${GUEST}`,
    ]);
  });
  it("leaves out an install that failed, was in guests of others, or came later, and what else was done in a guest", async () => {
    const others = install({ host: "ms-ab12cd3-009-g1" });
    const script = await lines([load, install({ exitCode: 1 }), others], [load, migrate], [install()]);
    assert.deepEqual(script.slice(0, -1), ["change 0 h1 define", `await ${GUEST}`, `change 0 ${GUEST} start`]);
  });
  it("has the case's own, and nothing of earlier ones where it made its guests anew", async () => {
    const anew = buildCommand({ ...MAKE, argv: ["define"], startMs: 1 });
    const script = await lines([install()], [anew, install({ startMs: 8 }), load, migrate]);
    assert.deepEqual(
      script.filter((line) => line === INSTALL),
      [INSTALL],
    );
    assert.equal(script.filter((line) => line === "change 0 h1 define").length, 1);
  });
});
