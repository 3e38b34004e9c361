import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { changeMetadata, optionsOfMove } from "../../../../harness/engine/instance.js";
import { readyMove } from "../../../../harness/engine/move.js";
import { METADATA_URI } from "../../../../lib/libvirt/metadata.js";
import type { Command } from "../../../../lib/model/command.js";
import type { NewEvent } from "../../../../lib/model/event.js";
import { settingLines } from "../../../../lib/model/setting-lines.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { buildParams } from "../../../support/build.js";
import { fakeCase, MOVE } from "./fake-case.js";

const TUNNEL = "hw:wrs:live_migration_tunnel";

/** What a host says when it is asked for the definition of a guest that carries this. */
const saying = (tunnel: string, asked: Command[] = []): Run =>
  async function run(command) {
    asked.push(command);
    const items = `<m:item key="${TUNNEL}">${tunnel}</m:item>`;
    const stdout = `<domain><metadata><m:instance xmlns:m="${METADATA_URI}">${items}</m:instance></metadata></domain>`;
    return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
  };

function instance(run: Run, params: object, over: Partial<CaseContext> = {}) {
  const fake = fakeCase({ h1: { run }, h2: {}, observer: {} });
  const events: NewEvent[] = [];
  const ctx: CaseContext = {
    ...fake,
    plan: { ...fake.plan, case: { ...fake.plan.case, params: buildParams(params) } },
    emit: (event) => void events.push(event),
    ...over,
  };
  return { ctx, events };
}

const GUESTS = { flavor: { extraSpecs: { [TUNNEL]: "False" } }, metadata: { [TUNNEL]: "False" } };

describe("the options of a migration that is got ready", () => {
  it("follow what the guest carries now, and tell why", async () => {
    const { ctx, events } = instance(saying("True"), { guests: GUESTS, migration: { control: "p2p" } });
    const options = await optionsOfMove(ctx, 2, MOVE);
    assert.deepEqual([options.channel, options.timeout], ["tunnelled", 180_000]);
    const [told] = events;
    assert.ok(told?.type === "settings");
    assert.deepEqual([told.record.leg, told.record.guest, told.record.metadata], [2, "g1", { [TUNNEL]: "True" }]);
    assert.equal(settingLines(told.record)[0], "tunnel=true from metadata (overrides flavor: False)");
    assert.deepEqual(ctx.state.settings, [told.record]);
  });

  it("are the scenario's, without a question, for a guest that is no instance", async () => {
    const asked: Command[] = [];
    const { ctx, events } = instance(saying("True", asked), { migration: { bandwidthMiBps: 8 } });
    assert.equal((await optionsOfMove(ctx, 1, MOVE)).bandwidthMiBps, 8);
    assert.deepEqual([asked, events], [[], []]);
  });

  const refused: [name: string, tunnel: string, params: object, why: RegExp][] = [
    ["cannot be read", "perhaps", { guests: GUESTS }, /"perhaps" cannot be read/],
    ["cannot be migrated with", "True", { guests: GUESTS }, /needs control: p2p/],
  ];
  for (const [name, tunnel, params, why] of refused)
    it(`are none when somebody has put into it what ${name}: the guest does not move`, async () => {
      const { ctx } = instance(saying(tunnel), params);
      const ready = await readyMove(
        ctx,
        1,
        MOVE,
        { source: "running", target: "absent" },
        new AbortController().signal,
      );
      const { finish } = await ready.go();
      const { outcome, error = "" } = await finish;
      assert.equal(outcome, "not-started");
      assert.match(error, why);
    });

  it("are none when libvirt does not say what the guest carries", async () => {
    const silent: Run = async (command) => ({
      command,
      host: "h1",
      exitCode: 1,
      stdout: "",
      stderr: "no",
      durationMs: 1,
    });
    await assert.rejects(optionsOfMove(instance(silent, { guests: GUESTS }).ctx, 1, MOVE), /dumpxml/);
  });
});

describe("metadata that changes before a leg", () => {
  it("is changed in every guest where it is, before that leg alone", async () => {
    const changes: string[] = [];
    const { ctx } = instance(
      saying("True"),
      { guests: { metadata: {}, metadataChanges: [{ beforeLeg: 2, metadata: { a: "<b>" } }] } },
      {
        change: async ({ name }, list) => {
          for (const { what, apply } of list) changes.push(`${name}: ${what}: ${apply.args.at(-1)}`);
        },
      },
    );
    await changeMetadata(ctx, 1, [MOVE]);
    assert.deepEqual(changes, []);
    await changeMetadata(ctx, 2, [{ guest: "g1", from: "h2", to: "h1" }]);
    assert.deepEqual(changes, ["h2: metadata of g1: <instance><item key='a'>&lt;b&gt;</item></instance>"]);
  });
});
