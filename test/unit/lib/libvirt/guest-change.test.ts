import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeGuest } from "../../../../lib/libvirt/guest-change.js";

/** A libvirt of one guest: a file says that it runs, one that it is defined, one that it will not go. */
const VIRSH = `#!/bin/sh
cd "\${0%/*}" && shift 3
echo "$1" >> asked
[ ! -e dead ] || exit 1
case "$*" in
  "list --name --all") if [ -e running ] || [ -e defined ]; then echo g1; fi; echo other ;;
  "destroy "*) [ -e running ] && [ ! -e stubborn ] && rm running || { echo "error: will not go" >&2; exit 1; } ;;
  "undefine "*) [ -e defined ] && rm defined || { echo "error: no such domain" >&2; exit 1; } ;;
  *) exit 9 ;;
esac
`;

describe("taking a guest away", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "guest-change-"));
    writeFileSync(join(folder, "virsh"), VIRSH);
    chmodSync(join(folder, "virsh"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const remove = (...state: ("running" | "defined" | "stubborn" | "dead")[]) => {
    for (const name of state) writeFileSync(join(folder, name), "");
    const { file, args } = removeGuest("qemu:///system", "g1");
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status, stderr } = spawnSync(file, args, { encoding: "utf8", env });
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    return {
      status,
      stderr,
      asked,
      isThere: existsSync(join(folder, "running")) || existsSync(join(folder, "defined")),
    };
  };

  for (const state of [["running", "defined"], ["running"], ["defined"]] as const)
    it(`takes one away that is ${state.join(" and ")}, in four questions`, () =>
      assert.deepEqual(remove(...state), {
        ...{ status: 0, stderr: "", isThere: false },
        asked: ["list", "destroy", "undefine", "list"],
      }));
  it("has nothing to do where nobody knows it", () =>
    assert.deepEqual(remove(), { status: 0, stderr: "", isThere: false, asked: ["list"] }));
  it("says why one does not go", () => {
    const { status, stderr } = remove("running", "defined", "stubborn");
    assert.equal(status, 1);
    assert.match(stderr, /will not go/);
  });
  it("fails where libvirt does not answer", () => assert.equal(remove("running", "dead").status, 1));
});
