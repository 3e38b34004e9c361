import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Remote } from "../../../../lib/transport/transport.js";
import { remoteSuite, sh } from "./remote-suite.js";

describe("a machine that is this one", () => {
  remoteSuite(async () => openLocal("here"), "lost");

  /** The first line that a command and a lasting program print. */
  const firstLines = async (remote: Remote, script: string): Promise<string[]> => {
    const lines: string[] = [];
    const running = await remote.start(sh(script), (line) => lines.push(line));
    await running.ended;
    return [(await remote.run(sh(script))).stdout.split("\n")[0] ?? "", lines[0] ?? ""];
  };

  it("keeps what it runs out of the terminal's process group, so that Ctrl-C does not end it", async () => {
    const groupOf = (stat: string): string => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2] ?? "";
    const ours = groupOf(readFileSync("/proc/self/stat", "utf8"));
    const groups = (await firstLines(openLocal("here"), "cat /proc/$$/stat")).map(groupOf);
    for (const group of groups) assert.match(group, /^\d+$/);
    assert.ok(!groups.includes(ours), `${groups.join(" and ")}, ours is ${ours}`);
  });

  describe("with sudo", () => {
    const { PATH } = process.env;
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "migstorm-sudo-"));
      writeFileSync(join(folder, "sudo"), '#!/bin/sh\necho "sudo $1 $2"; shift 2; exec "$@"\n');
      chmodSync(join(folder, "sudo"), 0o755);
      process.env.PATH = `${folder}:${PATH}`;
    });
    after(() => {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    });

    it("becomes root for commands and for lasting programs", async () => {
      assert.deepEqual(await firstLines(openLocal("here", "sudo"), "true"), ["sudo -n --", "sudo -n --"]);
      assert.deepEqual(await firstLines(openLocal("here"), "true"), ["", ""]);
    });
    it("ends what reads its input by the end of it, without a signal", async () => {
      const running = await openLocal("here", "sudo").start({ file: "cat", args: [] }, () => undefined, {
        stdin: "program",
      });
      await running.stop();
      assert.equal((await running.ended).exitCode, 0);
    });
  });
});
