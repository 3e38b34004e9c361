import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "../../../../lib/model/command.js";
import { fileLines } from "../../../../lib/prepare/file-line.js";
import { localRun } from "../../../../lib/transport/local.js";

const run = localRun("here");

describe("lines in a file of a host", () => {
  let folder: string;
  let path: string;
  const must = async (command: Command): Promise<void> => {
    const { exitCode, stderr } = await run(command);
    assert.equal(exitCode, 0, stderr);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lines-"));
    path = join(folder, "known_hosts");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("come and go beside what is there, with mode and last newline as they were", async () => {
    await writeFile(path, "alpha\nbeta", { mode: 0o640 });
    const change = fileLines("x", path, ["ours 1", "ours 2"]);
    await must(change.apply);
    await must(change.apply);
    assert.equal(await readFile(path, "utf8"), "alpha\nbeta\nours 1\nours 2\n");
    await must(change.undo);
    await must(change.undo);
    assert.equal(await readFile(path, "utf8"), "alpha\nbeta\n");
    assert.equal((await stat(path)).mode & 0o777, 0o640);
  });
  it("take a file along only when they made it and nobody else wrote to it", async () => {
    const change = fileLines("x", path, ["ours"]);
    await must(change.apply);
    await must(change.undo);
    await assert.rejects(stat(path));
    await writeFile(path, "");
    await must(change.apply);
    await must(change.undo);
    assert.equal(await readFile(path, "utf8"), "");
  });
  it("go without a trace however many come and go at once", async () => {
    const before = Array.from({ length: 50 }, (_, index) => `user ${index}\n`).join("");
    await writeFile(path, before);
    const changes = [1, 2, 3, 4].map((number) => fileLines("x", path, [`ours ${number}`]));
    await Promise.all(changes.map(({ apply }) => must(apply)));
    await Promise.all(changes.map(({ undo }) => must(undo)));
    assert.equal(await readFile(path, "utf8"), before);
  });
});
