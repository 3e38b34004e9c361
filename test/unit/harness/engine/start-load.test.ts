import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { startLoad } from "../../../../harness/engine/steps/start-load.js";
import { CancelCase } from "../../../../lib/errors.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

/** /proc/PID/stat of a load with 2 GiB, and of its six workers. */
const STAT = [[7, 1, 524_288], ...[8, 9, 10, 11, 12, 13].map((pid) => [pid, 7, 0])]
  .map(([pid, parent, pages]) => `${pid} (stress) S ${[parent, 7, 7, ...Array(15).fill(0), 8, 0, pages].join(" ")}`)
  .join("\n");

/** A host with 1000 MiB free, on which every load becomes process 7. */
const host: Run = async (command) => {
  const script = command.args[1] ?? "";
  const stdout = script.includes("== qemu")
    ? "== memory\nMemAvailable: 1024000 kB\n== qemu\n== end\n"
    : script.includes("CLK_TCK")
      ? `page 4096\nagain 0\nhz 100\n${STAT}\nend\n`
      : "7 8\n";
  return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
};

const STEP = { deadlineMs: 120_000 };
/** Before the tool: `-c`, the script, its name, what is to become of the load, the file. */
const SCRIPT = 5;

/** What becomes of a load on a host where QEMU has 500 MiB. */
async function loaded({ tool, ...stress }: { tool: string; [key: string]: unknown }, memory = "600MiB") {
  const run: Run = async (command) => {
    const answer = await host(command);
    const stdout = answer.stdout
      .replace("== qemu\n", `== qemu\n${command.args.length > 3 ? 512_000 : ""}\n`)
      .replaceAll("(stress)", `(${tool})`);
    return { ...answer, stdout };
  };
  const fake = fakeCase({ h1: { run }, h2: { run }, observer: {} });
  const params = paramsSchema.parse({
    guests: { image: "tiny-a", count: 1, memory },
    stress: { tool, hosts: "source", ...stress },
  });
  const plan = { ...fake.plan, case: { ...fake.plan.case, params } };
  const lines: string[] = [];
  const change: CaseContext["change"] = async (_machine, changes) =>
    void lines.push(...changes.map(({ apply }) => apply.args.slice(SCRIPT).join(" ")));
  const ctx: CaseContext = { ...fake, plan, change };
  await startLoad(ctx, STEP, new AbortController().signal);
  await Promise.all(ctx.state.stopBoots.map((stop) => stop()));
  return { lines, load: ctx.state.load[0] };
}

/** What becomes of a load of this much of the host's memory. */
const started = async (hostMemory: "half" | "short") =>
  (await loaded({ tool: "stress", kind: "memory", workers: 2, hostMemory })).load;

const tooled = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
  images: { tiny: { kernel: "/k", installTools: true, login: { hostKey: "first-use" } } },
  network: { bridge: "br0" },
});

/** A machine without stress, which has it once it was installed. */
function bare() {
  const asked: string[] = [];
  let hasTool = false;
  const run: Run = async (command) => {
    const answer = await host(command);
    if (command.what !== undefined) asked.push(command.what);
    if (command.what?.startsWith("install ")) hasTool = true;
    const isStart = command.what?.startsWith("load: ") || command.args[1]?.startsWith("cat ");
    return isStart && !hasTool ? { ...answer, exitCode: 127, stdout: "", stderr: "stress is not installed" } : answer;
  };
  return { run, asked };
}

/** Starts stress at that place, where nobody has it. */
async function startedBare(on: "guests" | "source", given: Partial<CaseContext>) {
  const { run, asked } = bare();
  const fake = fakeCase({ h1: { run }, h2: { run }, observer: {} });
  const params = paramsSchema.parse({
    load: ["1", "2"].map((count) => ({ on, tool: "stress", args: ["--cpu", count] })),
  });
  const plan = { ...fake.plan, case: { ...fake.plan.case, params } };
  const guest = fake.state.guests.get("g1");
  if (guest !== undefined) guest.remote = { name: "g1", run } as Remote;
  const ctx: CaseContext = { ...fake, plan, change: async () => undefined, ...given };
  const reason = await startLoad(ctx, STEP, new AbortController().signal).catch((error: unknown) => error);
  await Promise.all(ctx.state.stopBoots.map((stop) => stop()));
  return { asked, reason, load: ctx.state.load.map(({ place, tool }) => `${tool} on ${place}`) };
}

describe("startLoad", () => {
  it("makes a shortage of what is left now, and half of what is left when the guests have all that they were given", async () => {
    const short = await started("short");
    assert.deepEqual([short?.leftMiB, short?.memoryMiB, short?.isShort], [1000, 1050, true]);
    const half = await started("half");
    assert.deepEqual([half?.leftMiB, half?.memoryMiB, half?.isShort], [804, 402, undefined]);
  });
  // 404 MiB and what QEMU needs beside them are the 500 that it has: half and short measure the same 1000 MiB.
  const lines: [tool: string, kind: string, ofHalf: string, ofShortage: string][] = [
    ["stress", "cpu", "--cpu 4 --vm 1 --vm-bytes 500M --vm-hang 0", "--cpu 4 --vm 2 --vm-bytes 525M --vm-hang 0"],
    ["stress-ng", "cpu", "--cpu 4 --vm 1 --vm-bytes 500M --vm-hang 0", "--cpu 4 --vm 2 --vm-bytes 1050M --vm-hang 0"],
    ["stress", "memory", "--vm 4 --vm-bytes 125M --vm-keep", "--vm 4 --vm-bytes 262M --vm-keep"],
    ["stress-ng", "memory", "--vm 4 --vm-bytes 500M --vm-keep", "--vm 4 --vm-bytes 1050M --vm-keep"],
  ];
  for (const [tool, kind, ofHalf, ofShortage] of lines)
    it(`starts other work for half than for a shortage of the same memory: ${tool}, ${kind}`, async () => {
      const [half, short] = [
        await loaded({ tool, kind, hostMemory: "half" }, "404MiB"),
        await loaded({ tool, kind, hostMemory: "short" }, "404MiB"),
      ];
      assert.deepEqual([half.load?.leftMiB, short.load?.leftMiB], [1000, 1000]);
      assert.deepEqual(half.lines, [`${tool} ${ofHalf} --quiet --timeout 3600`]);
      assert.deepEqual(short.lines, [`${tool} ${ofShortage} --quiet --timeout 3600`]);
    });

  it("counts the workers, and tells what the host had left to one that is to be short", async () => {
    const [short, half] = [await started("short"), await started("half")];
    assert.deepEqual([short?.workers, half?.workers], [2, 2]);
    assert.deepEqual([short?.sightings.at(-1)?.freeMiB, half?.sightings.at(-1)?.freeMiB], [1000, undefined]);
  });
  it("asks half of the free memory of the load that is measured by it, and none of one beside it", async () => {
    const fake = fakeCase({ h1: { run: host }, h2: { run: host }, observer: {} });
    const params = paramsSchema.parse({
      load: [{ on: "source", tool: "stress", args: ["--cpu", "1"] }],
      stress: { tool: "stress", workers: 1, hosts: "source", hostMemory: "half" },
    });
    const plan = { ...fake.plan, case: { ...fake.plan.case, params } };
    const ctx: CaseContext = { ...fake, plan, change: async () => undefined };
    await startLoad(ctx, STEP, new AbortController().signal);
    const wanted = ctx.state.load.map(({ memoryMiB, leftMiB }) => [memoryMiB, leftMiB]);
    const [none, half] = wanted;
    assert.deepEqual(none, [undefined, undefined]);
    const [memoryMiB = 0, leftMiB = 0] = half ?? [];
    assert.ok(leftMiB > 0 && leftMiB < 1000 && memoryMiB === Math.floor(leftMiB / 2), String(wanted));
  });
  it("waits no longer for a load that does not fill its memory than its step leaves, so that the check can say it", async () => {
    const fake = fakeCase({ h1: { run: host }, h2: { run: host }, observer: {} });
    const params = paramsSchema.parse({
      stress: { tool: "stress", kind: "memory", workers: 2, memory: "8GiB", hosts: "source" },
    });
    const plan = { ...fake.plan, case: { ...fake.plan.case, params } };
    const ctx: CaseContext = { ...fake, plan, change: async () => undefined };
    const startMs = ctx.nowMs();
    await startLoad(ctx, { deadlineMs: 60_500 }, new AbortController().signal);
    const tookMs = ctx.nowMs() - startMs;
    assert.ok(tookMs >= 450 && tookMs < 5_000, `${tookMs} ms`);
    assert.deepEqual(
      ctx.state.load.map(({ memoryMiB, sightings }) => [memoryMiB, sightings]),
      [[16_384, []]],
    );
  });
  it("waits no longer for a shortage than until its kernel tells of a strike at it, whatever is seen of its memory", async () => {
    const begunWithin = async (victim: string, controlGroup: string): Promise<boolean> => {
      const strike = `<6>[    1.0] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/h1,task_memcg=/h1,task=${victim},pid=69,uid=0
<3>[    1.0] Memory cgroup out of memory: Killed process 69 (${victim}) total-vm:9kB\n`;
      const run: Run = async (command) => {
        const answer = await host(command);
        const small = answer.stdout.replaceAll(" 524288", " 25600");
        return { ...answer, stdout: command.args[1]?.includes("dmesg") ? strike : small };
      };
      const fake = fakeCase({ h1: { run }, h2: { run }, observer: {} });
      const params = paramsSchema.parse({
        stress: { tool: "stress", kind: "memory", workers: 2, hosts: "source", hostMemory: "short" },
      });
      const plan = { ...fake.plan, case: { ...fake.plan.case, params } };
      const ctx: CaseContext = { ...fake, plan, change: async () => undefined };
      Object.assign(ctx.state.hosts.get("h1") ?? {}, { kernelMark: "", controlGroup });
      await startLoad(ctx, { deadlineMs: 61_000 }, new AbortController().signal);
      await Promise.all(ctx.state.stopBoots.map((stop) => stop()));
      return ctx.state.load[0]?.sightings.length === 1;
    };
    assert.deepEqual(
      await Promise.all([begunWithin("stress", "/h1"), begunWithin("perl", "/h1"), begunWithin("stress", "/h2")]),
      [true, false, false],
    );
  });
  it("installs what a guest lacks before any load begins, where the guest's image allows that", async () => {
    const { asked, reason, load } = await startedBare("guests", { inventory: tooled });
    assert.equal(reason, undefined);
    assert.deepEqual(asked, ["install stress", "load: stress --cpu 1", "load: stress --cpu 2"]);
    assert.deepEqual(load, ["stress on g1", "stress on g1"]);
  });
  it("leaves the case where the guest's tool is missing, and installs nothing unasked", async () => {
    const { asked, reason } = await startedBare("guests", {});
    assert.ok(reason instanceof CancelCase, String(reason));
    assert.equal(
      reason.message,
      "g1 has no stress: install the package stress there, or have it done: images.tiny.installTools in the inventory",
    );
    assert.deepEqual(asked, ["load: stress --cpu 1", "load: stress --cpu 2"]);
  });
  it("installs nothing on a host, whatever its guests' images say", async () => {
    const { asked, reason } = await startedBare("source", { inventory: tooled });
    assert.ok(reason instanceof CancelCase, String(reason));
    assert.equal(reason.message, "h1 has no stress: install the package stress there");
    assert.deepEqual(asked, []);
  });
});
