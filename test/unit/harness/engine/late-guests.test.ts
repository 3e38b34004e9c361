import assert from "node:assert/strict";
import { caseWorld } from "../../../../harness/engine/case-world.js";
import { type CaseContext, type HostHandle, newState } from "../../../../harness/engine/context.js";
import type { HostChange } from "../../../../lib/model/command.js";
import type { DomainState, MigrationRecord } from "../../../../lib/model/migration.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { PLAN } from "./fake-case.js";

const leg = { kind: "leg", name: "leg 1", deadlineMs: 1_000, number: 1, moves: [], width: 1 } as const;
const record = (outcome: MigrationRecord["outcome"], after?: readonly [DomainState, DomainState]): MigrationRecord => ({
  ...{ guest: "g1", leg: 1, source: "h1", target: "h2", outcome },
  before: { source: "running", target: "absent" },
  ...(after === undefined ? {} : { after: { source: after[0], target: after[1] } }),
});

/** Two libvirts of which one may be sending g1 to the other. */
interface Libvirts {
  /** What they were asked, and when the journal was undone. */
  readonly asked: string[];
  readonly known: Readonly<Record<"h1" | "h2", Set<string>>>;
  isMigrating: boolean;
  isDead: boolean;
}

const runOn =
  (libvirts: Libvirts, host: "h1" | "h2"): Run =>
  async (command) => {
    const [, , verb = ""] = command.args;
    const result = { command, host, exitCode: 0, stdout: "", stderr: "", durationMs: 1 };
    // What is collected for people is another test's.
    if (command.file === "sh") return result;
    libvirts.asked.push(`${host} ${verb}`);
    return libvirts.isDead
      ? { ...result, exitCode: 1, stderr: "no libvirtd" }
      : { ...result, stdout: answer(libvirts, host, verb) };
  };

function answer(libvirts: Libvirts, host: "h1" | "h2", verb: string): string {
  const { known, isMigrating } = libvirts;
  if (verb === "domstats") return [...known[host]].map((name) => `Domain: '${name}'\n  state.state=1\n`).join("\n");
  if (verb === "domjobinfo") return `Job type: ${host === "h1" && isMigrating ? 2 : 0}\n`;
  assert.equal(`${host} ${verb}`, "h1 domjobabort");
  libvirts.isMigrating = false;
  known.h2.delete("g1");
  return "";
}

describe("a restore", () => {
  let libvirts: Libvirts;
  let changes: string[];
  /** What the journal's undo does: the guest goes from where it was, and a migration under way goes on. */
  let undo: () => readonly string[];
  let ctx: CaseContext;
  const restore = () => world().restore();
  const world = () =>
    caseWorld(ctx, {
      undoAll: async () => {
        libvirts.asked.push("undo");
        return undo();
      },
      store: async () => undefined,
      storeCollected: async () => undefined,
    });

  beforeEach(() => {
    libvirts = {
      asked: [],
      known: { h1: new Set(["g1", "stranger"]), h2: new Set() },
      isMigrating: false,
      isDead: false,
    };
    changes = [];
    undo = () => {
      libvirts.known.h1.delete("g1");
      if (libvirts.isMigrating || changes.length === 0) return [];
      libvirts.known.h2.delete("g1");
      return [];
    };
    const handle = (name: "h1" | "h2") =>
      ({ host: { name, connectUri: "qemu:///system" }, remote: { name, run: runOn(libvirts, name) } }) as HostHandle;
    ctx = {
      plan: PLAN,
      hosts: new Map([
        ["h1", handle("h1")],
        ["h2", handle("h2")],
      ]),
      change: async ({ name }: { name: string }, made: readonly HostChange[]) => {
        for (const { what } of made) changes.push(`${name}: ${what}`);
      },
      progress: () => undefined,
      nowMs: () => 0,
      herd: { dismiss: async () => [] } as Partial<CaseContext["herd"]> as CaseContext["herd"],
      state: newState(PLAN),
    } as Partial<CaseContext> as CaseContext;
  });

  for (const [outcome, after] of [
    ["completed", ["absent", "running"]],
    ["failed", ["running", "absent"]],
    ["failed", ["running", "shut off"]],
    ["not-started", ["running", "absent"]],
  ] as const)
    it(`asks nobody where a migration is known to be ${outcome}, its guest ${after.join(" and ")}`, async () => {
      ctx.state.migrations.push(record(outcome, after));
      assert.deepEqual(await restore(), []);
      assert.deepEqual(libvirts.asked, ["undo"]);
    });
  it("takes the guests away while it takes back what the case changed, where nothing is under way any more", async () => {
    let dismissed: () => void = () => undefined;
    const whenDismissed = new Promise<void>((resolve) => {
      dismissed = resolve;
    });
    ctx = {
      ...ctx,
      herd: {
        ...ctx.herd,
        dismiss: async () => {
          dismissed();
          return ["h1: guest g1: busy"];
        },
      },
    };
    const waiting = {
      undoAll: () => whenDismissed.then(() => ["h1: port: no"]),
      store: async () => undefined,
      storeCollected: async () => undefined,
    };
    assert.deepEqual(await caseWorld(ctx, waiting).restore(), ["h1: port: no", "h1: guest g1: busy"]);
  });
  it("takes the guests away behind what the case has running, where one may still be on its way", async () => {
    ctx.state.migrations.push(record("unknown"));
    ctx = {
      ...ctx,
      herd: {
        ...ctx.herd,
        dismiss: async () => {
          libvirts.asked.push("dismiss");
          return [];
        },
      },
    };
    await restore();
    const behind = libvirts.asked.slice(libvirts.asked.indexOf("undo"));
    assert.deepEqual(behind.slice(0, 2), ["undo", "dismiss"]);
  });
  for (const [what, of] of [
    ["nobody knows how it ended", record("unknown", ["running", "absent"])],
    ["nobody could say where the guest was", record("failed")],
    ["the guest was on both hosts", record("aborted", ["running", "paused"])],
  ] as const)
    it(`ends libvirt's own migration before it takes anything back, where ${what}`, async () => {
      ctx.state.migrations.push(record("completed", ["absent", "running"]), of);
      libvirts.isMigrating = true;
      libvirts.known.h2.add("g1");
      assert.deepEqual(await restore(), []);
      const undoneAt = libvirts.asked.indexOf("undo");
      assert.ok(libvirts.asked.indexOf("h1 domjobabort") < undoneAt, libvirts.asked.join());
      assert.deepEqual(libvirts.asked.slice(undoneAt).sort(), ["h1 domstats", "h2 domstats", "undo"]);
      assert.deepEqual([...libvirts.known.h1, ...libvirts.known.h2], ["stranger"]);
    });
  it("does so after a leg that broke off, and not after one that ended", async () => {
    const whole = world();
    await whole.doStep(leg, new AbortController().signal, () => undefined);
    libvirts.asked.length = 0;
    await whole.restore();
    assert.deepEqual(libvirts.asked, ["undo"]);
    const broken = world();
    await assert.rejects(broken.doStep(leg, AbortSignal.abort(new Error("stopped")), () => undefined));
    await broken.restore();
    assert.ok(libvirts.asked.lastIndexOf("h1 domstats") > libvirts.asked.indexOf("undo"), libvirts.asked.join());
  });
  it("does not wait for a libvirt that does not answer", async () => {
    ctx.state.migrations.push(record("unknown"));
    libvirts.isDead = true;
    assert.equal((await restore()).length, 2);
    assert.deepEqual(libvirts.asked.slice(0, 3), ["h1 domstats", "h2 domstats", "undo"]);
  });
  it("takes away a guest that came to a host behind its undo", async () => {
    ctx.state.migrations.push(record("unknown"));
    const usual = undo;
    undo = () => {
      if (changes.length === 0) libvirts.known.h2.add("g1");
      return usual();
    };
    assert.deepEqual(await restore(), []);
    assert.deepEqual(changes, ["h2: guest g1, should it come here"]);
    assert.deepEqual([...libvirts.known.h2], []);
  });
  it("names a host that cannot say whether one came", async () => {
    ctx.state.migrations.push(record("unknown"));
    undo = () => {
      libvirts.isDead = true;
      return ["h1: guest g1: no"];
    };
    const [first, ...rest] = await restore();
    assert.equal(first, "h1: guest g1: no");
    assert.deepEqual(
      rest.map((line) => line.replace(/nobody can say.*no libvirtd$/, "nobody can say")),
      ["h1", "h2"].map((name) => `${name}: whether a guest came there late nobody can say`),
    );
  });
});
