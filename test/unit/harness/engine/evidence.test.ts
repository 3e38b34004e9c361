import assert from "node:assert/strict";
import { evidenceAfter } from "../../../../harness/engine/steps/evidence.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

const nothing: Run = async (command) => ({
  ...{ command, host: "h1", exitCode: 0, stdout: "", stderr: "", durationMs: 1 },
});

describe("the evidence after the legs", () => {
  const kernelLog = async (earlier: object | undefined, dmesg: () => Promise<string>, loginMs?: number) => {
    const ctx = fakeCase({ h1: { run: nothing }, h2: { run: nothing }, observer: { run: nothing } });
    const guest = ctx.state.guests.get("g1");
    assert.ok(guest !== undefined);
    const run: Run = async (command) => ({
      ...(await nothing(command)),
      stdout: command.file === "dmesg" ? await dmesg() : "",
    });
    const boots = [{ startMs: 1, ...(loginMs === undefined ? {} : { loginMs }) }];
    ctx.state.boots.set("g1", { planned: guest.planned, isMigrating: true, boots });
    guest.remote = { name: "g1", run } as Partial<Remote> as Remote;
    guest.kernelLog = { added: [{ level: 6, text: "as of the login" }] };
    Object.assign(guest, { earlierLog: earlier });
    await evidenceAfter(ctx, new AbortController().signal);
    return guest.kernelLog;
  };
  const DMESG = "<6>[    0.1] Linux\n<4>[    9.9] Call Trace:\n";

  it("has what the kernel of a guest that booted in between said since its last login", async () => {
    const earlier = { added: [{ level: 6, text: "boot of leg 1" }] };
    assert.deepEqual(await kernelLog(earlier, async () => DMESG, 2), {
      added: [...earlier.added, { level: 6, text: "Linux" }, { level: 4, text: "Call Trace:" }],
    });
  });
  it("does not hide that an earlier boot's words were lost", async () =>
    assert.deepEqual(await kernelLog({ lost: "no answer" }, async () => DMESG, 2), { lost: "no answer" }));
  it("has what was read before of a guest that did not come up from its last boot", async () =>
    assert.deepEqual(await kernelLog(undefined, async () => DMESG), {
      added: [{ level: 6, text: "as of the login" }],
    }));
  it("says that they are lost when the guest does not answer any more", async () =>
    assert.deepEqual(await kernelLog(undefined, () => Promise.reject(new Error("silent")), 2), { lost: "silent" }));
});
