import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CaseResult } from "../../lib/model/result.js";
import { cli, readResult } from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";
import { POSTCOPY_MAY_WARN } from "../support/verdicts.js";

const ROOT = resolve(import.meta.dirname, "../..");
/** Memory of each lab host: what three small guests leave of it is taken by stress within a second or two. */
const HOST_MIB = "1536";
/** How a case ends whose emulated guest was lost to QEMU on the way, once in hundreds of migrations: it does not answer at last. */
const GONE: readonly string[] = ["outcome", "reachable"];
const LOST: readonly string[] = [...GONE, "uptime", "silence", "guest-kernel-log"];
/** More of them in one sample are no chance any more. */
const MOST_LOST = 2;

/**
 * The sample of the stress matrix that is run with every change: every two variants that can meet do meet. Where all that
 * is red is what an emulated guest leaves that QEMU has lost, the case is run once more, and that is told.
 */
describe("the stress matrix, every pair of variants", function () {
  this.timeout(15 * 60_000);
  let results: string;

  before(async () => {
    needsRoot();
    results = await mkdtemp(join(tmpdir(), "migstorm-matrix-test-"));
  });
  after(() => rm(results, { recursive: true, force: true }));

  const run = async (...selection: string[]) => {
    const { exitCode, stdout, stderr } = await cli(
      ...["run", join(ROOT, "scenarios/migrate-stress.yaml"), ...selection],
      ...["--profile", join(ROOT, "cfg/lab.yaml"), "--order", "grouped"],
      ...["--lab", "--memory", HOST_MIB, "--results-dir", results],
    );
    const { cases, leftovers } = await readResult(join(results, "latest")).catch(() => assert.fail(stdout + stderr));
    return { cases, leftovers, exitCode, stdout };
  };

  it("holds", async () => {
    const first = await run("--only", "set_memory_1", "--sample", "pairwise", "--seed", "1");
    assert.ok(first.cases.length >= 20 && first.cases.length <= 60, `${first.cases.length} cases`);
    const lost = first.cases.filter((result) => !isWell(result) && isLost(result));
    const wrong = first.cases.filter((result) => !isWell(result) && !isLost(result));
    assert.deepEqual(wrong.map(told), []);
    assert.ok(lost.length <= MOST_LOST, lost.map(told).join("\n"));
    assert.deepEqual(first.leftovers, []);

    const late = first.cases.filter(({ case: { params } }) => params.migration.timeoutAction === "postcopy");
    assert.ok(late.length >= 8, `${late.length} cases are to switch to postcopy at their timeout`);
    const switches = late.map(({ checks }) => checks.find(({ check }) => check === "mode")?.measured?.switched ?? 0);
    assert.ok(switches.filter((count) => Number(count) > 0).length >= late.length / 2, `switched: ${switches}`);

    if (lost.length === 0) return assert.equal(first.exitCode, 0, first.stdout);
    process.stderr.write(`      a guest was lost:\n${lost.map((result) => `      ${told(result)}\n`).join("")}`);
    const second = await run(...lost.flatMap(({ case: { id } }) => ["--id", id]));
    assert.deepEqual(second.cases.filter((result) => !isWell(result)).map(told), []);
    assert.equal(second.exitCode, 0, second.stdout);
  });
});

/** A case that was skipped has shown nothing of the matrix. */
const isWell = ({ status, checks }: CaseResult): boolean =>
  status === "PASS" ||
  (status === "WARN" && checks.every((one) => one.status !== "WARN" || POSTCOPY_MAY_WARN[one.check] === "WARN"));

const isLost = ({ status, checks, leftovers }: CaseResult): boolean => {
  const red = checks.flatMap((one) => (one.status === "FAIL" || one.status === "ERROR" ? [one.check] : []));
  const isGone = red.some((check) => GONE.includes(check)) && red.every((check) => LOST.includes(check));
  return status === "FAIL" && leftovers.length === 0 && isGone;
};

const told = ({ case: { id }, status, reason, checks }: CaseResult): string => {
  const why = checks.flatMap((check) => (check.status === "PASS" ? [] : [`${check.check}: ${check.message}`]));
  return `${id}: ${status}: ${why.join("; ") || reason}`;
};
