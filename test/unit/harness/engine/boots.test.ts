import assert from "node:assert/strict";
import { allBooting, bootForLeg, keepBooting, seenUp } from "../../../../harness/engine/boots.js";
import type { BootState } from "../../../../harness/engine/context.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { Remote } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE } from "./fake-case.js";

const planned = { name: "b1", image: "tiny", host: "h1", mac: "52:54:00:00:00:02", address: "198.18.1.2/16" };

/** Resolves once everything that could happen by now has. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));

describe("keepBooting", () => {
  it("has every guest on its way up before it lets the migrations begin, and keeps why one is not", async () => {
    let answer: (exitCode: number) => void = () => undefined;
    const run: Remote["run"] = async (command) => {
      const exitCode = await new Promise<number>((resolve) => {
        answer = resolve;
      });
      return { command, host: "h1", exitCode, stdout: "", stderr: "error: no", durationMs: 1 };
    };
    const fake = fakeCase({ h1: { run }, h2: {}, observer: {} });
    const guest: Remote["run"] = async (command) => ({
      ...{ command, host: "b1", exitCode: 0, stdout: "", stderr: "", durationMs: 1 },
    });
    const openGuest = async (): Promise<Remote> =>
      ({ name: "b1", run: guest, close: async () => undefined }) as Partial<Remote> as Remote;
    const ctx = { ...fake, openGuest, plan: { ...fake.plan, booters: [planned] } };
    let isOver = false;
    const kept = keepBooting(ctx, new AbortController().signal).then(() => {
      isOver = true;
    });
    await soon();
    assert.equal(isOver, false);
    answer(1);
    await kept;
    const state = ctx.state.boots.get("b1");
    assert.deepEqual(state?.boots, []);
    assert.match(state?.lost ?? "", /error: no/);
    for (const stop of ctx.state.stopBoots) await stop();
  });

  describe("of guests whose addresses are discovered", () => {
    const { address: _, ...unknown } = planned;

    const silent: Remote["run"] = async (command) => ({
      ...{ command, host: "o", exitCode: 1, stdout: "", stderr: "", durationMs: 1 },
    });
    /** A guest of which libvirt tells the address from question `toldAt` on, until the first reset. */
    const discovered = (toldAt: number, boot = "5s") => {
      const said: string[] = [];
      const run: Remote["run"] = async (command) => {
        const what = command.file === "sync" ? "sync" : command.args.includes("reset") ? "reset" : "ask";
        said.push(what);
        const knows = said.length >= toldAt && !said.includes("reset");
        const stdout = what === "ask" && knows ? ` vnet0 ${planned.mac} ipv4 198.18.1.2/16\n` : "";
        return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
      };
      const start: Remote["start"] = async (_command, onLine) => {
        setTimeout(() => onLine("[1795259097.07767] 198.18.1.2 : [30], 64 bytes, 0.03 ms (0.03 avg, 0% loss)"), 1500);
        return { write: () => undefined, ended: new Promise(() => undefined), stop: async () => undefined };
      };
      const observer = { run: silent, start, onDrop: () => () => undefined };
      const fake = fakeCase({ h1: { run }, h2: {}, observer });
      const params = paramsSchema.parse({ limits: { boot } });
      const openGuest = async (): Promise<Remote> =>
        ({ name: "b1", run, close: async () => void said.push("close") }) as Partial<Remote> as Remote;
      const plan = { ...fake.plan, case: { ...fake.plan.case, params }, booters: [unknown] };
      return { said, ctx: { ...fake, openGuest, plan } };
    };

    it("meets each once before it resets it, so that pings show in every boot how long it was booting", async () => {
      const { said, ctx } = discovered(5);
      await keepBooting(ctx, new AbortController().signal);
      assert.deepEqual(said, ["ask", "ask", "ask", "ask", "ask", "sync", "close", "reset"]);
      await new Promise((resolve) => setTimeout(resolve, 3300));
      for (const stop of ctx.state.stopBoots) await stop();
      const state = ctx.state.boots.get("b1");
      assert.equal(state?.lost, undefined);
      assert.deepEqual([...new Set(said.slice(8))], ["sync", "close", "reset"]);
      const up = state?.boots.filter(({ loginMs }) => loginMs !== undefined) ?? [];
      assert.ok(up.length >= 2, JSON.stringify(state));
      for (const { startMs, unreachableUntilMs = 0 } of up)
        assert.ok(unreachableUntilMs > startMs + 300, JSON.stringify(state));
    });

    it("leaves one that nobody meets to the checks, and does not reset it", async () => {
      const { said, ctx } = discovered(Number.POSITIVE_INFINITY, "200ms");
      await keepBooting(ctx, new AbortController().signal);
      assert.match(ctx.state.boots.get("b1")?.lost ?? "", /waited 0.2 s for the ssh of b1 .*no address yet/);
      assert.ok(!said.includes("reset"));
    });

    it("is over as soon as its step is", async () => {
      const { ctx } = discovered(Number.POSITIVE_INFINITY);
      const step = new AbortController();
      const startMs = ctx.nowMs();
      setTimeout(() => step.abort(new Error("the step is over")), 100);
      await assert.rejects(keepBooting(ctx, step.signal), /the step is over/);
      assert.ok(ctx.nowMs() - startMs < 3_000, "it waits on for the guest");
    });
  });
});

describe("allBooting", () => {
  const booter = (over: Partial<BootState>): BootState => ({
    ...{ planned, isMigrating: false, boots: [{ startMs: 10 }] },
    ...over,
  });
  const reset = (state: BootState): void => {
    state.isUp = false;
    state.boots.push({ startMs: performance.now() });
  };
  /** Whether nobody waits before its next reset, and whether nobody does behind that. */
  const isOverSoon = async (state: BootState): Promise<[before: boolean, after: boolean]> => {
    const ctx = fakeCase({ h1: {}, h2: {}, observer: {} });
    ctx.state.boots.set("b1", state);
    let isOver = false;
    const waited = allBooting(ctx, new AbortController().signal).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const before = isOver;
    reset(state);
    await waited;
    return [before, isOver];
  };
  it("waits as long as a guest that keeps booting is up", async () => {
    assert.deepEqual(await isOverSoon(booter({ isUp: true })), [false, true]);
  });
  it("waits for the next reset where one is about to be up, by the time that its last boot took", async () => {
    const isGone = async (wholeMs: number, ageMs: number): Promise<boolean> => {
      const last = { startMs: 0, unreachableUntilMs: wholeMs, loginMs: wholeMs + 50 };
      const [before, after] = await isOverSoon(booter({ boots: [last, { startMs: performance.now() - ageMs }] }));
      assert.ok(after);
      return before;
    };
    const given: [wholeMs: number, ageMs: number][] = [
      [3000, 1500],
      [3000, 2500],
      [3000, 9000],
      [800, 200],
      [800, 500],
    ];
    assert.deepEqual(await Promise.all(given.map((one) => isGone(...one))), [true, false, false, true, false]);
  });
  it("does not wait for one that is on its way, that nobody watches any more, or that migrates itself", async () => {
    for (const over of [{}, { isUp: true, lost: "ssh broke" }, { isUp: true, isMigrating: true }])
      assert.deepEqual(await isOverSoon(booter(over)), [true, true]);
  });
});

describe("seenUp", () => {
  it("waits until a guest comes up from the boot that it is in, though it had come up before", async () => {
    const ctx = fakeCase({ h1: {}, h2: {}, observer: {} });
    const boot: { startMs: number; loginMs?: number } = { startMs: 30 };
    const state: BootState = { planned, isMigrating: false, boots: [{ startMs: 10, loginMs: 20 }, boot] };
    ctx.state.boots.set("b1", state);
    let isOver = false;
    const seen = seenUp(ctx, new AbortController().signal).then(() => {
      isOver = true;
    });
    await soon();
    assert.equal(isOver, false);
    boot.loginMs = 40;
    state.boots.push({ startMs: 50 });
    await seen;
  });

  it("does not wait for one that nobody watches any more", async () => {
    const ctx = fakeCase({ h1: {}, h2: {}, observer: {} });
    ctx.state.boots.set("b1", { planned, isMigrating: false, boots: [{ startMs: 10 }], lost: "ssh broke" });
    await seenUp(ctx, new AbortController().signal);
  });
});

describe("bootForLeg", () => {
  const run: Remote["run"] = async (command) => ({
    ...{ command, host: "h1", exitCode: 0, stdout: "", stderr: "", durationMs: 1 },
  });
  const booted = async (ended: Promise<{ stderr: string }>, over: Partial<Remote> = {}) => {
    const start: Remote["start"] = async () => ({ write: () => undefined, ended, stop: async () => undefined });
    const observer = { run, start, onDrop: () => () => undefined, ...over };
    const fake = fakeCase({ h1: { run }, h2: { run }, observer });
    const params = paramsSchema.parse({ limits: { boot: "200ms" } });
    const ctx = { ...fake, plan: { ...fake.plan, case: { ...fake.plan.case, params } } };
    const { up } = await bootForLeg(ctx, [MOVE], new AbortController().signal);
    await up();
    return ctx.state.boots.get("g1");
  };

  it("says how long it waited for a guest that answers nothing", async () => {
    const state = await booted(new Promise(() => undefined));
    assert.ok((state?.boots[0]?.waitedMs ?? 0) >= 190, JSON.stringify(state));
    assert.match(state?.lost ?? "", /waited 0.2 s for 198.18.1.1 to answer a ping/);
  });

  it("has waited for nothing when the way to the guests was lost meanwhile, though it came back", async () => {
    const onDrop: Remote["onDrop"] = (listener) => {
      queueMicrotask(() => listener("keepalive timed out"));
      return () => undefined;
    };
    const state = await booted(new Promise(() => undefined), { onDrop });
    assert.equal(state?.boots[0]?.waitedMs, undefined);
    assert.match(
      state?.lost ?? "",
      /observer could not be spoken to all the time \(keepalive timed out\): waited 0.2 s/,
    );
  });

  it("has waited for nothing when the way to the guests turns out to be lost at the end", async () => {
    const state = await booted(new Promise(() => undefined), { run: () => Promise.reject(new Error("no route")) });
    assert.equal(state?.boots[0]?.waitedMs, undefined);
    assert.match(state?.lost ?? "", /observer could not be spoken to all the time \(no route\)/);
  });

  it("has waited for nothing when it was the pings that ended", async () => {
    const state = await booted(Promise.resolve({ stderr: "killed" }));
    assert.equal(state?.boots[0]?.waitedMs, undefined);
    assert.match(state?.lost ?? "", /pings of 198.18.1.1 ended/);
  });

  describe("of one that comes up", () => {
    const ANSWER = (sequence: number, tookMs: number): string =>
      `[1795259097.07767] 198.18.1.1 : [${sequence}], 64 bytes, ${tookMs} ms (0.033 avg, 0% loss)`;
    const remote = { name: "g1", run, close: async () => undefined } as Partial<Remote> as Remote;
    /** @param tries how long each try to log in takes, the last of which succeeds */
    const cameUp = async (
      sequence: number,
      afterMs: number,
      tries: readonly number[],
      { tookMs = 0.033, retry = "" } = {},
    ) => {
      const start: Remote["start"] = async (_command, onLine) => {
        setTimeout(() => onLine(ANSWER(sequence, tookMs)), afterMs);
        return { write: () => undefined, ended: new Promise(() => undefined), stop: async () => undefined };
      };
      const asks: Remote["run"] = async (command) => ({ ...(await run(command)), stdout: retry });
      const observer = { run: asks, start, onDrop: () => () => undefined };
      const fake = fakeCase({ h1: { run }, h2: { run }, observer });
      const left = [...tries];
      const begun: number[] = [];
      const openGuest = async (): Promise<Remote> => {
        begun.push(fake.nowMs());
        await new Promise((resolve) => setTimeout(resolve, left.shift()));
        if (left.length > 0) throw new Error("nothing listens");
        return remote;
      };
      const { up } = await bootForLeg({ ...fake, openGuest }, [MOVE], new AbortController().signal);
      await up();
      const boot = fake.state.boots.get("g1")?.boots[0];
      assert.ok(boot?.loginMs !== undefined && boot.unreachableUntilMs !== undefined, JSON.stringify(boot));
      return { boot, begun, untilMs: boot.unreachableUntilMs };
    };

    it("keeps when the last try in vain began, however long it and the login hung", async () => {
      const { boot, begun, untilMs } = await cameUp(0, 1, [1, 1, 150, 200]);
      const [, , last = 0, good = 0] = begun;
      assert.ok(untilMs <= last && last - untilMs < 100, `${untilMs} ${begun}`);
      assert.ok((boot.loginMs ?? 0) >= good + 190);
    });

    it("takes nothing but its reset for proven when the first ping was answered, and the first try", async () => {
      const { boot, untilMs } = await cameUp(1, 1, [100]);
      assert.equal(untilMs, boot.startMs);
    });

    it("takes a first ping for one in vain while it waited in the kernel, and not one whose answer came late to us", async () => {
      const held = await cameUp(0, 1500, [100], { tookMs: 1490 });
      assert.ok(held.untilMs > held.boot.startMs + 300, JSON.stringify(held.boot));
      const late = await cameUp(0, 1500, [100]);
      assert.equal(late.untilMs, late.boot.startMs);
    });

    it("takes pings in vain for proven, but for the second in which nobody may have known where it is", async () => {
      const { boot, untilMs } = await cameUp(30, 1500, [100]);
      assert.ok(untilMs > boot.startMs + 300 && untilMs < (boot.loginMs ?? 0) - 1100, JSON.stringify(boot));
      const often = await cameUp(30, 1500, [100], { retry: "50\n" });
      assert.ok(often.untilMs > often.boot.startMs + 1200, JSON.stringify(often.boot));
    });
  });
});
