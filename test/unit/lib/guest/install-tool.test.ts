import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installTool, whyNotInstalled } from "../../../../lib/guest/install-tool.js";

/** What the script needs beside a package manager. */
const PROGRAMS = ["grep", "mktemp", "rm", "tail"];

const pathOf = (name: string): string => [`/usr/bin/${name}`, `/bin/${name}`].find(existsSync) ?? name;

/** What a package manager says and does, as a script; `$tool` is a program that it may make. */
type Managers = Readonly<Record<string, string>>;

const MAKES_IT = 'ln -sf /bin/true "$tool"';

/** A machine with nothing in its path but these; each writes down how it was called. */
function machine(managers: Managers, shell: readonly string[] = ["sh"]) {
  const folder = mkdtempSync(join(tmpdir(), "install-tool-"));
  const asked = join(folder, "asked");
  const program = (name: string, script: string): void => {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  };
  for (const name of PROGRAMS) symlinkSync(pathOf(name), join(folder, name));
  program("sleep", "#!/bin/sh\n");
  for (const [name, script] of Object.entries(managers))
    program(
      name,
      `#!/bin/sh\nPATH=/usr/bin:/bin\necho "${name} $*" >>${asked}\ncd ${folder}\ntool=made-up-tool\n${script}\n`,
    );
  const [word = "", ...first] = shell;
  return {
    folder,
    run: (tool = "made-up-tool") => {
      const { args } = installTool(tool);
      const env = { PATH: folder, TMPDIR: folder };
      const { status, stdout, stderr } = spawnSync(pathOf(word), [...first, ...args], {
        env,
        encoding: "utf8",
        timeout: 10_000,
      });
      return { exitCode: status, stdout, stderr };
    },
    asked: () => (existsSync(asked) ? readFileSync(asked, "utf8").trimEnd().split("\n") : []),
  };
}

const answer = (exitCode: number, stderr: string) =>
  ({ command: installTool("stress"), host: "g1", exitCode, stdout: "", stderr, durationMs: 1 }) as const;

describe("installTool", () => {
  const calls: Readonly<Record<string, readonly string[]>> = {
    "apt-get": [
      "apt-get -qq update",
      "apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install made-up-tool",
    ],
    dnf: ["dnf -q -y --setopt=install_weak_deps=False install made-up-tool"],
    yum: ["yum -q -y install made-up-tool"],
    zypper: ["zypper --non-interactive install --no-recommends made-up-tool"],
    apk: ["apk --wait 120 add --no-cache made-up-tool"],
    pacman: ["pacman -Sy --needed --noconfirm made-up-tool"],
  };
  for (const shell of [["sh"], ["dash"], ["busybox", "sh"]])
    for (const [manager, wanted] of Object.entries(calls))
      it(`asks ${manager}, which is not to ask back (${shell.join(" ")})`, () => {
        const { run, asked } = machine({ [manager]: MAKES_IT }, shell);
        assert.deepEqual(run(), { exitCode: 0, stdout: "", stderr: "" });
        assert.deepEqual(asked(), wanted);
      });
  for (const shell of [["sh"], ["dash"], ["busybox", "sh"]])
    it(`is a script that ${shell.join(" ")} can read`, () => {
      const [file = "", ...first] = shell;
      execFileSync(file, [...first, "-n", "-c", installTool("stress").args[1] ?? ""]);
    });
  it("puts the tool into the arguments, never into the script", () => {
    const { args, what } = installTool("$(reboot)");
    assert.doesNotMatch(args[1] ?? "", /reboot/);
    assert.deepEqual([args.at(-1), what], ["$(reboot)", "install $(reboot)"]);
  });
  it("takes one manager where there are several, in the order of the table", () => {
    const { run, asked } = machine({ pacman: MAKES_IT, yum: MAKES_IT, dnf: MAKES_IT });
    assert.equal(run().exitCode, 0);
    assert.deepEqual(asked(), calls.dnf);
  });
  it("says so where it knows no manager", () => {
    const { exitCode, stdout, stderr } = machine({ emerge: MAKES_IT }).run();
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.equal(stderr, "none of apt-get, dnf, yum, zypper, apk, pacman is there\n");
  });
  it("asks nobody where the tool is there", () => {
    const { run, asked } = machine({ dnf: MAKES_IT, stress: "" });
    assert.equal(run("stress").exitCode, 0);
    assert.deepEqual(asked(), []);
  });
  it("tells the manager's last lines and its exit code, on stderr alone", () => {
    const chatter = Array.from({ length: 20 }, (_, n) => `echo line ${n}`).join("\n");
    const { run } = machine({ dnf: `${chatter}\necho "Error: Unable to find a match" >&2\nexit 3` });
    const { exitCode, stdout, stderr } = run();
    assert.deepEqual([exitCode, stdout], [1, ""]);
    assert.deepEqual(stderr.trimEnd().split("\n"), [
      "dnf ended with 3:",
      ...[16, 17, 18, 19].map((n) => `line ${n}`),
      "Error: Unable to find a match",
    ]);
  });
  it("leaves no file behind", () => {
    const { run, folder } = machine({ dnf: "exit 3" });
    run();
    assert.ok(existsSync(join(folder, "asked")));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("tmp.")),
      [],
    );
  });
  it("believes the tool, not the exit code: a manager may complain of something else, or install another program", () => {
    assert.equal(machine({ zypper: `${MAKES_IT}\nexit 106` }).run().exitCode, 0);
    const { exitCode, stderr } = machine({ apk: "exit 0" }).run();
    assert.deepEqual([exitCode, stderr], [1, "apk ended with 0:\n"]);
  });
  it("lets nobody answer questions, and asks for messages that everybody has", () => {
    const said =
      'read -r line && exit 1; echo "$LC_ALL $DEBIAN_FRONTEND $NEEDRESTART_SUSPEND $ZYPP_LOCK_TIMEOUT" >said';
    const { run, folder } = machine({ dnf: `${said}\n${MAKES_IT}` });
    assert.equal(run().exitCode, 0);
    assert.equal(readFileSync(join(folder, "said"), "utf8"), "C noninteractive 1 120\n");
  });
  it("waits for the lists of apt-get, which the guest itself may be reading", () => {
    const busy = 'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7" >&2; exit 100';
    const script = `case $2 in update) [ "$(grep -c update asked)" -gt 2 ] || { ${busy}; } ;; *) ${MAKES_IT} ;; esac`;
    const { run, asked } = machine({ "apt-get": script });
    assert.equal(run().exitCode, 0);
    assert.deepEqual(asked(), [...Array(3).fill(calls["apt-get"]?.[0]), calls["apt-get"]?.[1]]);
  });
  it("does without lists that cannot be had otherwise", () => {
    const script = `case $2 in update) echo "E: no such server"; exit 100 ;; *) ${MAKES_IT} ;; esac`;
    const { run, asked } = machine({ "apt-get": script });
    assert.equal(run().exitCode, 0);
    assert.deepEqual(asked(), calls["apt-get"]);
  });
  it("does not wait for a service that a package starts", () => {
    const script = `until [ -e over ]; do sleep 0.1; done & ${MAKES_IT}`;
    const { run, folder } = machine({ dnf: script });
    try {
      assert.equal(run().exitCode, 0);
    } finally {
      writeFileSync(join(folder, "over"), "");
    }
  });
});

describe("whyNotInstalled", () => {
  it("is nothing where the tool is there, whatever was said", () =>
    assert.equal(whyNotInstalled(answer(0, "W: old lists\n")), undefined));
  it("is what was said, as one line that a terminal can be shown", () =>
    assert.equal(
      whyNotInstalled(answer(1, "apt-get ended with 100:\n\x1b[31mE: Unable to locate package stress\x1b[0m\n")),
      "apt-get ended with 100: E: Unable to locate package stress",
    ));
  it("is the end of it where much was said", () => {
    const why = whyNotInstalled(answer(1, `${"x".repeat(5_000)} the reason`)) ?? "";
    assert.ok(why.endsWith("x the reason") && why.length <= 500, why);
  });
  it("is the exit code where nothing was said", () =>
    assert.equal(whyNotInstalled(answer(143, " \n")), "it said nothing, signal 15"));
});
