import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Argument, Command, Option } from "commander";
import { completion, type Shell } from "../../../../harness/commands/completion.js";

const CLI = resolve(import.meta.dirname, "../../../../harness/cli.ts");

const run = (file: string, args: readonly string[], input?: string, cwd?: string) =>
  spawnSync(file, args, { encoding: "utf8", timeout: 15_000, ...(input === undefined ? {} : { input }), cwd });

const isInstalled = (shell: string): boolean => run(shell, ["-c", "exit 0"]).status === 0;

/** A program whose texts are as awkward as texts may be. */
const awkward = (): Command => {
  const program = new Command("prog").description("It's [a] \"thing\": $HOME `x` \\ 'y'");
  program
    .command("do")
    .description("don't: [stop] $(reboot) \\")
    .argument("[scenario...]")
    .option("--with <file>", "a file's [name]: \\ 'x' $(reboot)")
    .addOption(new Option("--how <way>", "it's how").choices(["fast", "slow"]))
    .addOption(new Option("--secret", "not shown").hideHelp());
  const inner = program.command("more").description("more");
  inner.command("one").addArgument(new Argument("<which>", "which").choices(["first", "second"]));
  return program;
};

const scriptOf = (program: Command, shell: Shell): string => {
  let script = "";
  completion(program, shell, (text) => {
    script += text;
  });
  return script;
};

describe("completion", () => {
  let folder: string;
  let script: string;

  before(function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "migstorm-completion-"));
    writeFileSync(join(folder, "smoke.yaml"), "");
    writeFileSync(join(folder, "two words.yaml"), "");
    mkdirSync(join(folder, "job-results"));
    const { status, stdout, stderr } = run(process.execPath, ["--import", "tsx", CLI, "completion", "bash"]);
    assert.deepEqual([status, stderr], [0, ""]);
    script = stdout;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What bash offers for the last word, as readline splits the line. */
  function offered(...words: string[]): string[] {
    return offeredBy(script, "migstorm", words);
  }
  function offeredBy(text: string, program: string, words: readonly string[]): string[] {
    const ask = `${text}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${program}; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = run("bash", ["-c", ask, "bash", program, ...words], undefined, folder);
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout.trim().split("\n").filter(Boolean).sort();
  }

  it("offers the verbs, and those of a verb", () => {
    assert.deepEqual(offered("re"), ["recheck", "recover", "release", "replay", "report", "resume"]);
    assert.deepEqual(offered("lab", ""), ["down", "status", "up"]);
    assert.deepEqual(offered("lab", "up", "--n"), ["--name"]);
    assert.deepEqual(offered("completion", ""), ["bash", "fish", "zsh"]);
  });

  it("offers the options of the verb, wherever they stand, and of no other", () => {
    assert.deepEqual(offered("run", "smoke.yaml", "--failfa"), ["--failfast"]);
    assert.deepEqual(offered("list", "--failfa"), []);
    assert.deepEqual(offered("list", "--only", "run", "--c"), ["--count"]);
  });

  it("offers the words that an option takes, with a space and with =", () => {
    assert.deepEqual(offered("run", "--order", ""), ["file", "grouped", "shuffled"]);
    assert.deepEqual(offered("run", "--order", "=", "gr"), ["grouped"]);
    assert.deepEqual(offered("run", "--order", "="), ["file", "grouped", "shuffled"]);
    assert.deepEqual(offered("run", "--seed", ""), []);
  });

  it("offers files and folders where they are wanted", () => {
    assert.deepEqual(offered("run", "sm"), ["smoke.yaml"]);
    assert.deepEqual(offered("run", "--profile", "tw"), ["two words.yaml"]);
    assert.deepEqual(offered("resume", ""), ["job-results"]);
    assert.deepEqual(offered("run", "--results-dir", ""), ["job-results"]);
  });

  it("knows every verb and option of the help", () => {
    const help = run(process.execPath, ["--import", "tsx", CLI, "run", "--help"]).stdout;
    const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name).sort();
    assert.ok(options.length > 10);
    assert.deepEqual(offered("run", "-"), options);
  });

  it("is at peace with quotes, brackets and dollars in texts, and leaves out what the help hides", () => {
    const bash = scriptOf(awkward(), "bash");
    assert.deepEqual(offeredBy(bash, "prog", ["do", "-"]), ["--help", "--how", "--with"]);
    assert.deepEqual(offeredBy(bash, "prog", ["do", "--how", "s"]), ["slow"]);
    assert.deepEqual(offeredBy(bash, "prog", ["more", "one", ""]), ["first", "second"]);
  });

  // The set-up installs neither zsh nor fish: 8 MB to load and 36 MB on the disk, for one test each.
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const isThere = isInstalled(shell);
    it(`${shell} can parse what it is given${isThere ? "" : ` [skipped: ${shell} is not installed]`}`, function () {
      if (!isThere) this.skip();
      const { status, stderr } = run(shell, ["-n"], scriptOf(awkward(), shell));
      assert.deepEqual([status, stderr], [0, ""]);
    });
  }

  it("names in zsh and fish what it names in bash", () => {
    const zsh = scriptOf(awkward(), "zsh");
    assert.match(zsh, /^#compdef prog\n/);
    assert.ok(zsh.includes("'*--how=[it'\\''s how]:how:(fast slow)'"));
    assert.ok(zsh.includes("'*--with=[a file'\\''s \\[name\\]\\: \\\\ '\\''x'\\'' $(reboot)]:with:_files'"));
    assert.match(zsh, /^_prog_more_one\(\) \{\n {2}_arguments -s [^}]*'\*:argument:\(first second\)'\n\}$/m);
    const fish = scriptOf(awkward(), "fish");
    assert.ok(fish.includes("-l how -x -a 'fast slow' -d 'it\\'s how'"));
    assert.ok(
      fish.includes("-n '__fish_seen_subcommand_from more; and __fish_seen_subcommand_from one' -a 'first second'"),
    );
    assert.ok(fish.includes("-n '__fish_seen_subcommand_from do' -F"));
    for (const text of [zsh, fish]) assert.doesNotMatch(text, /secret/);
  });
});
