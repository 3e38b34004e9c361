import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "../../../../lib/model/command.js";
import { until } from "../../../../lib/poll.js";
import { endPrograms, makeWorkFolder, workFolder } from "../../../../lib/prepare/work-folder.js";
import { attach, spawnDetached } from "../../../../lib/transport/detached.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";

const remote = openLocal("h1");

describe("the folder for what runs on a host on its own", () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "migstorm-work-")), "job-ab12cd3");
    mkdirSync(folder);
    writeFileSync(join(folder, "classes-br0"), "");
  });
  afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

  /** The same command about a folder that a test may have. */
  const here = (command: Command): Command => ({
    ...command,
    args: command.args.map((arg) => (arg === workFolder("ab12cd3") ? folder : arg)),
  });
  const ends = async (command: Command): Promise<number | undefined> => (await remote.run(here(command))).exitCode;

  /** A program that its runner left behind. */
  async function left(): Promise<string> {
    const dir = join(folder, "g1-leg1");
    const program = await spawnDetached(remote, { dir, argv: ["sleep", "60"] });
    void program.go();
    const hasStarted = async (): Promise<boolean> => existsSync(join(dir, "out"));
    await until(hasStarted, { everyMs: 5, timeoutMs: 5_000, what: "the program to begin" });
    return dir;
  }

  it("keeps what changes are found by when the programs in it are ended, twice too", async () => {
    const dir = await left();
    assert.equal(await ends(endPrograms("ab12cd3")), 0);
    const ended = await attach(remote, dir);
    assert.ok(ended.kind === "ended" && ended.exitCode === 143);
    assert.equal(await ends(endPrograms("ab12cd3")), 0);
    assert.ok(existsSync(join(folder, "classes-br0")));
  });

  it("ends them and is gone when it is taken back, twice too", async () => {
    const dir = await left();
    const { undo } = makeWorkFolder("ab12cd3");
    assert.equal(await ends(undo), 0);
    assert.equal(existsSync(folder), false);
    assert.equal((await attach(remote, dir)).kind, "absent");
    assert.deepEqual([await ends(undo), await ends(endPrograms("ab12cd3"))], [0, 0]);
  });
});
