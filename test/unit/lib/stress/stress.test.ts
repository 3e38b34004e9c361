import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { parseSighting } from "../../../../lib/stress/sighting.js";
import { parseStarted, startLoad } from "../../../../lib/stress/stress.js";
import { fixture } from "../../../support/fixture.js";

const answer = (exitCode: number, stdout: string, stderr = "") =>
  ({ command: { file: "sh", args: [], timeoutMs: 1 }, host: "g1", exitCode, stdout, stderr, durationMs: 1 }) as const;

describe("load", () => {
  it("is one process, or a reason", () => {
    assert.deepEqual(parseStarted(answer(0, "139 885\n")), { pid: 139, startTicks: 885 });
    assert.deepEqual(parseStarted(answer(127, "", "stress is not installed\n")), {
      reason: "stress is not installed",
      missing: true,
    });
    assert.ok("reason" in parseStarted(answer(0, "")));
  });
  it("puts tool and arguments into arguments, never into the script", () => {
    const { apply } = startLoad("stress-ng", ["--cpu", "$(reboot)"], "ab12cd3");
    assert.doesNotMatch(apply.args[1] ?? "", /reboot/);
    assert.deepEqual(apply.args.slice(5), ["stress-ng", "--cpu", "$(reboot)"]);
  });
  it("uses scripts that a shell can read", () => {
    const { apply, undo, ask } = startLoad("stress-ng", [], "ab12cd3");
    for (const { args } of [apply, undo, ask]) execFileSync("sh", ["-n", "-c", args[1] ?? ""]);
  });
});

describe("sighting of a load", () => {
  const text = fixture("stress-ng-0.15/sighting.txt");
  it("adds up the CPU time of all its processes", () =>
    assert.deepEqual(parseSighting(text, { pid: 139, startTicks: 885 }), {
      alive: true,
      cpuS: 3,
      residentMiB: 61,
    }));
  it("counts how often it was started again, and in pages of the machine", () =>
    assert.deepEqual(parseSighting(text.replace(/^hz/m, "page 16384\nagain 2\nhz"), { pid: 139, startTicks: 885 }), {
      alive: true,
      cpuS: 3,
      residentMiB: 242,
      restarts: 2,
    }));
  it("is not taken in by another process with its pid", () =>
    assert.deepEqual(parseSighting(text, { pid: 139, startTicks: 886 }), { alive: false }));
  it("does not call a zombie alive", () =>
    assert.deepEqual(parseSighting(text.replace("(stress-ng) S", "(stress-ng) Z"), { pid: 139, startTicks: 885 }), {
      alive: false,
    }));
  it("is dead when only its workers are left", () =>
    assert.deepEqual(parseSighting(text.replace(/^139 .*\n/m, ""), { pid: 139, startTicks: 885 }), { alive: false }));
  it("is nothing when the answer was cut off", () => {
    assert.equal(parseSighting(text.replace("end\n", ""), { pid: 139, startTicks: 885 }), undefined);
    assert.equal(parseSighting("", { pid: 139, startTicks: 885 }), undefined);
  });
});
