import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { METADATA_URI, metadataIn } from "../../lib/libvirt/metadata.js";
import type { Evidence } from "../../lib/model/check.js";
import type { CaseResult } from "../../lib/model/result.js";
import { settingLines } from "../../lib/model/setting-lines.js";
import {
  assertAsBefore,
  cli,
  finished,
  on,
  planOf,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
  writeInput,
} from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const TUNNEL = "hw:wrs:live_migration_tunnel";
const FLAVOR = (tunnel: string) => ({ extraSpecs: { [TUNNEL]: tunnel } });
const METADATA = (tunnel: string) => ({ [TUNNEL]: tunnel });

/** Three cases that a guest could be handed on between, were it not for what it carries. */
const CASES = {
  said: {
    flavor_true_metadata_false: {
      guests: { flavor: FLAVOR("True"), metadata: METADATA("False"), imageProperties: METADATA("True") },
    },
    flavor_false_metadata_true: { guests: { flavor: FLAVOR("False"), metadata: METADATA("True") } },
    changed_on_the_way: {
      guests: {
        flavor: FLAVOR("False"),
        metadata: { note: `"a" & <b> 'c'` },
        metadataChanges: [{ beforeLeg: 2, metadata: METADATA("True") }],
      },
    },
  },
};

const tunnelled = ({ migrations }: CaseResult): boolean[] =>
  migrations.map(({ command = [] }) => command.includes("--tunnelled"));
const tunnelLines = ({ settings = [] }: CaseResult): (string | undefined)[] =>
  settings.map((record) => settingLines(record)[0]);

describe("settings of an instance", function () {
  this.timeout(240_000);
  let lab: TestLab;

  before(async () => {
    needsRoot();
    lab = await testLab();
  });
  after(() => lab?.down());

  it("decide how it migrates, metadata over flavor, and a change counts from the next migration on", async () => {
    const path = await scenario(lab, "said", { migration: { control: "p2p" } }, CASES);
    const { result, folder, stdout } = await runJob(lab, path);
    const [native, tunnel, changed] = result.cases;
    assert.ok(native !== undefined && tunnel !== undefined && changed !== undefined);
    assert.deepEqual(
      result.cases.map(({ status }) => status),
      ["PASS", "PASS", "PASS"],
      stdout,
    );
    assert.deepEqual(result.cases.map(tunnelled), [
      [false, false],
      [true, true],
      [false, true],
    ]);
    const first = "tunnel=false from metadata (overrides flavor: True; ignores image: True)";
    assert.deepEqual(tunnelLines(native), [first, first]);
    const second = "tunnel=true from metadata (overrides flavor: False)";
    assert.deepEqual(tunnelLines(tunnel), [second, second]);
    assert.deepEqual(tunnelLines(changed), ["tunnel=false from flavor", second]);
    for (const { command = [] } of native.migrations)
      assert.deepEqual(
        [command.includes("--auto-converge"), command.includes("--timeout")],
        [true, false],
        "what nobody says has the defaults of an instance, and no virsh gives it up at its timeout",
      );
    assert.ok(
      native.commands.some(({ argv }) => argv.join(" ").includes("migrate-setmaxdowntime") && argv.at(-1) === "500"),
    );

    const evidence: Evidence = JSON.parse(
      await readFile(join(folder, "test-results", changed.case.id, "evidence.json"), "utf8"),
    );
    assert.deepEqual(
      evidence.settings?.map(({ metadata }) => metadata),
      [{ note: `"a" & <b> 'c'` }, METADATA("True")],
      "the second leg read it on the host that the first had brought the guest to",
    );
    assert.match(await readFile(join(folder, "results.html"), "utf8"), /Settings of the instances.*tunnel=true/s);
    await assertAsBefore(lab);
  });

  it("follow what somebody changes by hand while the job runs, and survive a migration", async () => {
    const path = await scenario(lab, "by-hand", {
      guests: { count: 2, image: "tiny-a", memory: "128MiB", metadata: METADATA("False") },
      migration: { control: "p2p", bandwidthMiBps: 16 },
    });
    const running = await startJob(lab, path);
    // The first guest is on its way; the second waits, and has its turn in leg 2 only when the first is back.
    await running.event("migration-started");
    const second = (await planOf(running.folder)).guests[1]?.name ?? "";
    await on(
      lab.source,
      'virsh -q metadata --domain "$1" --uri "$2" --key migstorm --live --config --set "$3"',
      ...[second, METADATA_URI, `<instance><item key="${TUNNEL}">yes</item></instance>`],
    );
    await running.event("migration-started", ({ guest, leg }) => guest === second && leg === 2);
    const xml = await on(lab.target, 'virsh -q dumpxml --domain "$1"', second);
    assert.deepEqual(metadataIn(xml), METADATA("yes"), "it came along to the other host");
    const { result } = await finished(running);
    const [only] = result.cases;
    assert.ok(only !== undefined);
    const back = only.migrations.filter(({ leg }) => leg === 2);
    assert.deepEqual(
      back.map(({ guest, outcome, command = [] }) => [guest === second, outcome, command.includes("--tunnelled")]),
      [
        [false, "completed", false],
        [true, "completed", true],
      ],
    );
    await assertAsBefore(lab);
  });

  it("are in guests that virt-install has made, too", async () => {
    const hosts = lab.inventory.hosts.map((host) => ({ ...host, import: "virt-install" }));
    const inventory = await writeInput(lab, "virt-install.yaml", { ...lab.inventory, hosts });
    const path = await scenario(lab, "imported", {
      guests: { image: "tiny-a", memory: "128MiB", metadata: METADATA("True") },
      migration: { control: "p2p" },
    });
    const { exitCode, result, stdout } = await runJob(lab, path, inventory);
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(result.cases.map(tunnelled), [[true, true]]);
  });

  it("are not taken over with a guest whose metadata was changed, and shown by plan", async () => {
    const path = await scenario(
      lab,
      "handed-on",
      {
        guests: {
          ...{ image: "tiny-a", memory: "128MiB", metadata: METADATA("False") },
          metadataChanges: [{ beforeLeg: 2, metadata: METADATA("True") }],
        },
        migration: { control: "p2p" },
      },
      { pace: { a: {}, b: {} } },
    );
    const planned = await cli("plan", path, "--inventory", lab.inventoryPath);
    assert.match(planned.stdout, /settings from leg 1 on\n {4}tunnel=false from metadata/);
    assert.match(planned.stdout, /settings from leg 2 on\n {4}tunnel=true from metadata/);
    assert.match(planned.stdout, /take over 1 guests of handed-on\.a/);
    assert.equal(planned.stdout.match(/migrate .*--tunnelled/g)?.length, 2);
    const { result, folder, stdout } = await runJob(lab, path);
    assert.deepEqual(
      result.cases.map(({ status }) => status),
      ["PASS", "PASS"],
      stdout,
    );
    assert.deepEqual(result.cases.map(tunnelled), [
      [false, true],
      [false, true],
    ]);
    const bootIds = await Promise.all(
      result.cases.map(async ({ case: { id } }) => {
        const text = await readFile(join(folder, "test-results", id, "evidence.json"), "utf8");
        return (JSON.parse(text) as Evidence).guests[0]?.before?.bootId;
      }),
    );
    assert.notEqual(bootIds[1], bootIds[0], "the second case booted a guest of its own");
    await assertAsBefore(lab);
  });
});
