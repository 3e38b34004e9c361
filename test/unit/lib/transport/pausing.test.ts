import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pausingScript } from "../../../../lib/transport/pausing.js";

const SHOW = `echo "$0 $#: $1"
read -r before _ </proc/uptime
pause 0.2
read -r after _ </proc/uptime
echo "$before $after"
echo "\${BASH_VERSION:+bash}"`;

describe("a script that pauses", () => {
  /** Only these programs are there. */
  function pathOf(...names: string[]): string {
    const folder = mkdtempSync(join(tmpdir(), "path-"));
    for (const name of names) {
      const { stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
      symlinkSync(stdout.trim(), join(folder, name));
    }
    return folder;
  }
  function runIn(PATH: string) {
    const HOME = mkdtempSync(join(tmpdir(), "home-"));
    for (const name of [".bashrc", ".bash_profile"]) writeFileSync(join(HOME, name), "echo settings\n");
    const { file, args } = pausingScript(SHOW, "sampler", "a b");
    const { stdout, stderr, status } = spawnSync(file, args, { encoding: "utf8", env: { PATH, HOME } });
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout.trimEnd().split("\n");
  }

  // bash waits by itself: no `sleep` is there.
  for (const [shell, programs] of [
    ["bash", ["sh", "bash"]],
    ["", ["sh", "sleep"]],
  ] as const)
    it(`waits, has its name and its arguments, and reads no settings: ${shell || "without bash"}`, () => {
      const [told, times = "", version = ""] = runIn(pathOf(...programs));
      assert.equal(told, "sampler 1: a b");
      const [before, after] = times.split(" ").map(Number);
      assert.ok(Number(after) - Number(before) >= 0.15, times);
      assert.equal(version, shell);
    });
});
