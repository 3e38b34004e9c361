import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import type { ReproInput } from "../../../../reports/repro/input.js";
import { reproScript } from "../../../../reports/repro/repro.js";
import { undoScript } from "../../../../reports/repro/undo.js";
import { buildCheck, buildCommand, buildMigration, buildResult } from "../../../support/build.js";

const KEY = "restrict ssh-ed25519 AAAAC3Nza migstorm-ab12cd3";
const made = (what: string, host: string, apply: readonly string[], undo: readonly string[]) => {
  const [file = "", ...args] = apply;
  const [undoFile = "", ...undoArgs] = undo;
  return {
    ...{ host, what },
    apply: { file, args, timeoutMs: 1_000 },
    undo: { file: undoFile, args: undoArgs, timeoutMs: 1_000 },
  };
};

const input = (over: Partial<ReproInput> = {}): ReproInput => ({
  jobId: "job-2026-11-21T06.42-ab12cd3",
  hosts: ["h1", "h2"],
  inventory: inventorySchema.parse({
    hosts: [
      { name: "h1", local: true, peerUri: "qemu+tcp://h1/system" },
      {
        name: "h2",
        address: "h2.example",
        user: "qa",
        become: "sudo",
        passwordEnv: "QA_PASSWORD",
        peerUri: "qemu+tcp://h2/system",
      },
    ],
    observer: { name: "eye", address: "eye.example", hostKey: `SHA256:${"a".repeat(43)}` },
    images: { tiny: { login: { hostKey: "first-use", identityFile: "/keys/it's mine" } } },
    network: { bridge: "br0" },
  }),
  guests: [{ name: "ms-ab12cd3-001-g1", image: "tiny", host: "h1", mac: "52:54:00:00:00:01" }],
  result: buildResult({
    status: "FAIL",
    checks: [buildCheck({ status: "FAIL", message: "it failed\n\u001b[31mrm -rf /" })],
    commands: [
      buildCommand({
        what: "guest ms-ab12cd3-001-g1 (definition)",
        argv: ["define"],
        input: "<domain>\nEND\n</domain>",
        startMs: 1,
      }),
      buildCommand({ host: "h2", what: "let h1 log in by ssh for this job", argv: ["add", KEY], startMs: 2 }),
      buildCommand({
        host: "ms-ab12cd3-001-g1",
        what: "content for the disks",
        argv: ["fill"],
        lostInputBytes: 99_999,
        startMs: 50,
      }),
      buildCommand({
        what: "migrate",
        argv: ["virsh", "migrate", "it's"],
        exitCode: 1,
        stderr: "error: no\n# $(id)",
        startMs: 60,
      }),
    ],
  }),
  earlier: [],
  ...over,
});

const UNDO = [
  made("let h1 log in by ssh for this job", "h2", ["add", KEY], ["remove", KEY]),
  made("guest", "h1", ["define"], ["destroy", "it's"]),
];

describe("reports/repro", () => {
  it("tells what was judged, on lines of their own that run nothing", () => {
    const lines = reproScript(input()).split("\n");
    assert.ok(lines.includes("# FAIL outcome: it failed rm -rf /"));
    assert.ok(
      lines.some(
        (line) => line.startsWith("# h1: migrate; then it ended with 1 after") && line.endsWith("error: no # $(id)"),
      ),
    );
  });

  it("has the commands with what they read, and names what was not recorded", () => {
    const script = reproScript(input());
    assert.match(script, /^change 0 h1 define <<'AND'\n<domain>\nEND\n<\/domain>\nAND$/m);
    assert.match(script, /^migrate 1 1 h1 virsh migrate 'it'\\''s' <\/dev\/null$/m);
    assert.match(script, /content for the disks: left out, its input of 99999 bytes was not recorded$/m);
    assert.doesNotMatch(script, /^change 0 ms-ab12cd3-001-g1 fill/m);
  });

  it("secrets are variables, and the key of the job is read anew in both scripts", () => {
    for (const script of [reproScript(input()), undoScript(input(), UNDO)]) {
      assert.match(script, /^: "\$\{QA_PASSWORD:\?has to hold the password for h2; sshpass is needed too\}"$/m);
      assert.ok(script.includes('"restrict $(on h1 cat /run/migstorm/ssh-ab12cd3/id.pub </dev/null)"'));
      assert.ok(!script.includes("AAAAC3Nza"));
    }
  });

  it("takes back newest first, and once each", () => {
    const backs = undoScript(input(), [...UNDO, ...UNDO]).match(/^back .*$/gm);
    assert.deepEqual(
      backs?.map((line) => line.split(" ").slice(0, 3).join(" ")),
      ["back h1 destroy", "back h2 remove"],
    );
  });

  it("guests that an earlier case made are made first, and waited for", () => {
    const script = reproScript(
      input({ earlier: [made("guest ms-ab12cd3-001-g1 (definition)", "h1", ["define", "early"], ["x"])] }),
    );
    const order = script.match(/^(change 0 h1 define|await ms|migrate 1)\b/gm);
    assert.deepEqual(order, ["change 0 h1 define", "change 0 h1 define", "await ms", "migrate 1"]);
  });

  it("a migration that the runner ended is ended by timeout", () => {
    const result = {
      ...input().result,
      migrations: [buildMigration({ outcome: "aborted", startMs: 60 })],
    };
    assert.match(reproScript(input({ result })), /^migrate 1 124 h1 timeout -s INT -k 60 1 virsh migrate /m);
  });

  const scripts = [reproScript(input()), undoScript(input(), UNDO)];
  it("is what a POSIX shell reads", () => {
    for (const script of scripts) execFileSync("dash", ["-n"], { input: script });
  });

  const hasShellcheck = spawnSync("shellcheck", ["--version"]).error === undefined;
  const why = hasShellcheck ? "" : " [skipped: shellcheck is not installed]";
  (hasShellcheck ? it : it.skip)(`is nothing that shellcheck has a word on${why}`, () => {
    for (const script of scripts) {
      const { status, stdout } = spawnSync("shellcheck", ["-"], { input: script, encoding: "utf8" });
      assert.equal(status, 0, stdout);
    }
  });
});
