import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collection } from "../../../../lib/host/collection.js";

describe("lib/host/collection", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-collection-"));
    mkdirSync(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** With programs of the test before those of this machine, none of which is to be asked for long. */
  function collected(programs: Readonly<Record<string, string>>): string {
    const all = { journalctl: "exit 1", dmesg: "echo kernel", ps: "true", ...programs };
    for (const [name, text] of Object.entries(all))
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const { file, args } = collection("test:///default", ["g 1", "$(id)"], 1_500);
    const { status, stdout, stderr } = spawnSync(file, args, {
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
      maxBuffer: 64 * 2 ** 20,
    });
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout;
  }

  it("asks for every guest by its name, whatever that is, and goes on where something is refused", () => {
    const text = collected({ virsh: 'echo "virsh $*"; exit 1' });
    assert.match(text, /^== definition of g 1\nvirsh -c test:\/\/\/default dumpxml --domain g 1$/m);
    assert.match(text, /^== job of \$\(id\)\nvirsh -c test:\/\/\/default domjobinfo --domain \$\(id\)$/m);
    assert.match(text, /^== sockets$/m);
    assert.match(text, /^== disks$/m);
  });

  it("asks a libvirt that does not answer for nothing of its guests, and the host for the rest", () => {
    const text = collected({ virsh: "exit 1" });
    assert.doesNotMatch(text, /^== definition of /m);
    assert.match(text, /^== QEMU's log of g 1$/m);
    assert.match(text, /^== sockets$/m);
  });

  it("keeps 64 KiB of each part: the begin of answers, the end of logs", () => {
    const long = 'i=0; while [ $i -lt 3000 ]; do echo "line $i of a rather long answer to this"; i=$((i + 1)); done';
    const text = collected({ virsh: long, dmesg: long });
    const part = (name: string): string => text.split(`\n== ${name}\n`)[1]?.split("\n== ")[0] ?? "";
    assert.match(part("domains"), /^line 0 /);
    assert.match(part("the kernel's log"), /line 2999 of a rather long answer to this\n$/);
    for (const name of ["domains", "the kernel's log"]) assert.ok(Buffer.byteLength(part(name)) <= 65_536, name);
  });
});
