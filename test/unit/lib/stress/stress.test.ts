import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseLeft, parseSighting } from "../../../../lib/stress/sighting.js";
import { parseStarted, sightLoad, startLoad } from "../../../../lib/stress/stress.js";
import type { Run } from "../../../../lib/transport/transport.js";
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

describe("what is left of a load", () => {
  const text = fixture("stress-ng-0.15/sighting.txt");
  const left = (told: string) => parseLeft(told, { pid: 139, startTicks: 885 });
  it("is counted, whether or not the first process is among it", () => {
    assert.equal(left(text), 3);
    assert.equal(left(text.replace(/^139 .*\n/m, "")), 2);
  });
  it("is nothing but zombies, or the session of somebody who was given the number anew", () => {
    assert.equal(left(text.replace(/\) [SR] /g, ") Z ")), 0);
    assert.equal(left(text.replace(/^(139 .*) 885 /m, "$1 886 ")), 0);
    assert.equal(left("hz 100\nend\n"), 0);
  });
  it("is not known when the answer was cut off", () => {
    assert.equal(left(text.replace("end\n", "")), undefined);
    assert.equal(left(""), undefined);
  });
});

describe("sighting of a load", () => {
  const text = fixture("stress-ng-0.15/sighting.txt");
  it("adds up the CPU time of all its processes", () =>
    assert.deepEqual(parseSighting(text, { pid: 139, startTicks: 885, tool: "stress-ng" }), {
      alive: true,
      cpuS: 3,
      residentMiB: 61,
      workers: 1,
    }));
  it("counts how often it was started again, and in pages of the machine", () =>
    assert.deepEqual(
      parseSighting(text.replace(/^hz/m, "page 16384\nagain 2\nhz"), { pid: 139, startTicks: 885, tool: "stress-ng" }),
      {
        alive: true,
        cpuS: 3,
        residentMiB: 242,
        workers: 1,
        restarts: 2,
      },
    ));
  it("counts the tool's children, of which a shell above it, what they started and a zombie are none", () => {
    const seen = (text: string) => {
      const { workers, stopped } = parseSighting(text, { pid: 139, startTicks: 885, tool: "stress-ng" }) ?? {};
      return [workers, stopped];
    };
    const more = text.replace(/^145 .*$/m, (line) =>
      [144, 145, 146].map((n) => line.replace("145", `${n + 2}`)).join("\n"),
    );
    assert.deepEqual(seen(more.replace(/^(14[678] \(.*\) R) 144/gm, "$1 139")), [4, undefined]);
    const kept = text.replace(
      /^139 .*$/m,
      (line) => `${line.replace("(stress-ng)", "(bash)")}\n${line.replace(/^139 (.*\) S) 1 /, "140 $1 139 ")}`,
    );
    assert.deepEqual(seen(kept.replace(/^144 (.*\) S) 139/m, "144 $1 140")), [1, undefined]);
    assert.deepEqual(seen(text.replace(/^(144 .*\)) S/m, "$1 Z")), [0, undefined]);
    assert.deepEqual(seen(text.replace(/^(145 .*\)) R/m, "$1 T")), [1, 1]);
    assert.deepEqual(seen(text.replace(/^(144 .*\)) S/m, "$1 t")), [0, 1]);
    assert.deepEqual(seen(text.replace(/^(139 .*\)) S/m, "$1 T")), [0, 1]);
  });
  it("counts no workers while a shell is about to start the tool again", () => {
    const asleep = text.replace("139 (stress-ng)", "139 (bash)").replace(/^14[45] .*\n/gm, "");
    assert.deepEqual(parseSighting(asleep, { pid: 139, startTicks: 885, tool: "stress-ng" }), {
      alive: true,
      cpuS: 0.16,
      residentMiB: 10,
    });
  });
  it("tells what was moved out to swap", () => {
    const told = parseSighting(text.replace("end", "swap 20480\nend"), {
      pid: 139,
      startTicks: 885,
      tool: "stress-ng",
    });
    assert.equal(told?.swappedMiB, 20);
  });
  it("looks at a session of this machine", async () => {
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    const run: Run = (command) => {
      const [script = "", ...args] = command.args.slice(1);
      const stdout = execFileSync("sh", ["-c", script, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      return Promise.resolve({ command, host: "here", exitCode: 0, stdout, stderr: "", durationMs: 1 });
    };
    try {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      const startTicks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
      const seen = await sightLoad(run, { pid: child.pid ?? 0, startTicks, file: "/nowhere", tool: "sleep" });
      assert.deepEqual({ ...seen, cpuS: 0, residentMiB: 0 }, { alive: true, cpuS: 0, residentMiB: 0, workers: 0 });
    } finally {
      child.kill("SIGKILL");
    }
  });
  it("is not taken in by another process with its pid", () =>
    assert.deepEqual(parseSighting(text, { pid: 139, startTicks: 886, tool: "stress-ng" }), { alive: false }));
  it("does not call a zombie alive", () =>
    assert.deepEqual(
      parseSighting(text.replace("(stress-ng) S", "(stress-ng) Z"), { pid: 139, startTicks: 885, tool: "stress-ng" }),
      {
        alive: false,
      },
    ));
  it("is dead when only its workers are left", () =>
    assert.deepEqual(parseSighting(text.replace(/^139 .*\n/m, ""), { pid: 139, startTicks: 885, tool: "stress-ng" }), {
      alive: false,
    }));
  it("is nothing when the answer was cut off", () => {
    assert.equal(parseSighting(text.replace("end\n", ""), { pid: 139, startTicks: 885, tool: "stress-ng" }), undefined);
    assert.equal(parseSighting("", { pid: 139, startTicks: 885, tool: "stress-ng" }), undefined);
  });
});
