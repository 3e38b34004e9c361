import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Params } from "../../lib/model/params.js";
import { renderJson } from "../../reports/json.js";
import { buildJob, buildJobPlan } from "../support/build.js";

const ROOT = resolve(import.meta.dirname, "../..");
const CLI = join(ROOT, "dist/harness/cli.js");
const SMOKE = join(ROOT, "scenarios/smoke.yaml");
const MATRIX = join(ROOT, "scenarios/migrate-stress.yaml");
const EXAMPLE = join(ROOT, "cfg/inventory.example.yaml");
const LAB = join(ROOT, "cfg/lab.yaml");
const STACK = /^\s+at .*\.[jt]s:\d+/m;

describe("the command line", () => {
  let folder: string;

  before(function () {
    this.timeout(120_000);
    if (isOlder(CLI))
      spawnSync(process.execPath, [join(ROOT, "node_modules/.bin/tsc"), "-p", "tsconfig.json"], { cwd: ROOT });
    folder = mkdtempSync(join(tmpdir(), "migstorm-cli-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it as a user does, in a folder of its own unless told otherwise. */
  function cli(args: readonly string[], cwd = folder) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      cwd,
      encoding: "utf8",
      timeout: 10_000,
    });
    return { status, stdout, stderr };
  }
  function written(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return name;
  }

  describe("list", () => {
    it("prints a line a case and their number", () => {
      const { status, stdout, stderr } = cli(["list", SMOKE]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.deepEqual(stdout.trim().split("\n"), [
        ...["precopy", "postcopy"].flatMap((mode) =>
          ["orderly", "simultaneous", "cross"].map((pattern) => `smoke.${mode}.${pattern}  #smoke`),
        ),
        "6 cases",
      ]);
    });

    it("reads scenarios/ when no file is named", () => {
      assert.match(cli(["list"], ROOT).stdout, /^smoke\.precopy\.orderly/m);
      const { status, stderr } = cli(["list"]);
      assert.deepEqual([status, stderr], [4, "no scenario is named, and the current folder has no scenarios/*.yaml\n"]);
    });

    it("prints the number alone with --count", () => {
      assert.equal(cli(["list", SMOKE, "--count", "--only", "precopy"]).stdout, "3\n");
    });

    it("counts the stress matrix: all, one size, and the sample of every pair that the README tells of", () => {
      const counted = (...args: string[]): string => cli(["list", MATRIX, "--count", ...args]).stdout;
      assert.equal(counted(), "1312\n");
      assert.equal(counted("--only", "set_memory_1"), "328\n");
      const readme = readFileSync(join(ROOT, "README.md"), "utf8");
      const told =
        /migrate-stress\.yaml --only set_memory_1 --sample pairwise --seed 1 +# every pair of variants: (\d+)$/m;
      const [, pairs] = told.exec(readme) ?? assert.fail("the README does not tell of it");
      assert.equal(counted("--sample", "pairwise", "--seed", "1", "--only", "set_memory_1"), `${pairs}\n`);
      assert.match(readme, new RegExp(`^\\| the sample of every pair \\| ${pairs} \\|`, "m"));
    });

    it("prints JSON that a program can rely on", () => {
      const cases = JSON.parse(cli(["list", SMOKE, "--json"]).stdout);
      assert.equal(cases.length, 6);
      for (const one of cases)
        assert.deepEqual(Object.keys(one).sort(), ["id", "params", "scenario", "tags", "testIds", "variants"]);
      assert.equal(cases[0].id, "smoke.precopy.orderly");
      assert.deepEqual(cases[0].variants, ["precopy", "orderly"]);
      assert.equal(cases[0].params.guests.memory, 192);
    });

    it("takes --no as an option with a value, more than once", () => {
      assert.equal(cli(["list", SMOKE, "--no", "postcopy", "--no", "cross", "--count"]).stdout, "2\n");
      assert.equal(cli(["list", SMOKE, "--no=postcopy", "--count"]).stdout, "3\n");
      assert.equal(cli(["list", SMOKE, "--no"]).status, 4);
    });

    it("shares the cases out", () => {
      const parts = ["1/2", "2/2"].map((part) => cli(["list", SMOKE, "--shard", part, "--json"]));
      const ids = parts.flatMap(({ stdout, status }) => (status === 0 ? JSON.parse(stdout) : [])).map(({ id }) => id);
      assert.equal(new Set(ids).size, 6);
    });

    it("says the seed of a sample, and takes the same cases with it again", () => {
      const { stdout } = cli(["list", SMOKE, "--sample", "2"]);
      const seed = /2 of 6 cases, seed (\d+)/.exec(stdout)?.[1] ?? "";
      assert.equal(cli(["list", SMOKE, "--sample", "2", "--seed", seed]).stdout, stdout);
    });

    it("scales by a profile and says so, and refuses one that cannot be", () => {
      const { stdout } = cli(["list", SMOKE, "--profile", LAB, "--json"]);
      assert.ok(JSON.parse(stdout).every(({ params }: { params: Params }) => params.movement.rounds === 1));
      assert.match(cli(["list", SMOKE, "--profile", LAB]).stdout, /\n6 cases, profile lab\n$/);
      const bad = written("bad-profile.yaml", "name: p\nsummary: s\nscale: { guests.cuont: { set: 1 } }\n");
      const { status, stderr } = cli(["list", SMOKE, "--profile", bad]);
      assert.equal(status, 4);
      assert.match(stderr, /^bad-profile\.yaml:3:10: .*did you mean guests\.count\?/);
    });

    it("puts the cases in order, the same one for the same seed", () => {
      const ids = (...args: string[]) => cli(["list", SMOKE, ...args]).stdout;
      assert.notEqual(ids("--order", "shuffled", "--seed", "1"), ids("--seed", "1"));
      assert.equal(ids("--order", "shuffled", "--seed", "1"), ids("--order", "shuffled", "--seed", "1"));
      assert.match(ids("--order", "shuffled", "--seed", "1"), /\n6 cases, seed 1\n$/);
      assert.deepEqual(ids("--order", "grouped").split("\n").sort(), ids().split("\n").sort());
      assert.match(cli(["list", SMOKE, "--order", "gruoped"]).stderr, /file, grouped, shuffled/);
    });

    it("is content when its reader has seen enough", () => {
      written(
        "many.yaml",
        `name: many\nsummary: many\naxes:\n${["a", "b", "c"].map((axis) => `  ${axis}: { ${Array.from({ length: 25 }, (_, at) => `v${at}: {}`).join(", ")} }\n`).join("")}`,
      );
      const script = 'set -o pipefail; "$0" "$1" list many.yaml | head -1; echo "$?"';
      const { stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath, CLI], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.deepEqual([stdout, stderr], ["many.v0.v0.v0\n0\n", ""]);
    });

    it("lets no control character of a file or a filter reach the terminal", () => {
      const nasty = "\\e]0;owned\\a\\e[31mred\\x9b1m";
      for (const text of [
        `name: "${nasty}"\nsummary: "${nasty}"\n`,
        `name: s\nsummary: x\n"${nasty}": 1\n`,
        `name: s\nsummary: "${nasty}"\n`,
      ]) {
        const { stdout, stderr } = cli(["list", written("nasty.yaml", text)]);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      }
      for (const args of [
        ["list", SMOKE, "--only", "\u001b[31mx"],
        ["list", "\u001b[31mx.yaml"],
        ["\u001b[31mx"],
        ["list", "--\u001b[31mx"],
        ["list", "--seed", "\u001b[31mx"],
      ]) {
        const { stdout, stderr, status } = cli(args);
        assert.equal(status, 4);
        assert.ok(!`${stdout}${stderr}`.includes("\u001b"), `of ${JSON.stringify(args)}`);
      }
    });
  });

  describe("plan", () => {
    it("tells every step, with the inventory that is shipped as an example", () => {
      const { status, stdout, stderr } = cli(["plan", SMOKE, "--inventory", EXAMPLE]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.equal(stdout.match(/^smoke\./gm)?.length, 6);
    });

    it("gives the same as JSON", () => {
      const plans = JSON.parse(cli(["plan", SMOKE, "--inventory", EXAMPLE, "--json"]).stdout);
      assert.equal(plans.length, 6);
      for (const { verdict, case: planned } of plans) {
        assert.ok(["run", "skip"].includes(verdict));
        assert.match(planned.id, /^smoke\./);
      }
    });

    it("binds cases whose image the inventory has to hosts, guests and steps", () => {
      const file = written("own.yaml", "name: own\nsummary: own\nbase: { guests: { image: debian12 } }\n");
      const { stdout } = cli(["plan", file, "--inventory", EXAMPLE]);
      assert.match(stdout, /^own: 1 guests on \S+ and \S+\n {2}inspect hosts\n/);
      assert.match(stdout, /leg 1 of 2 \(there\)[\s\S]*leg 2 of 2 \(back\)/);
    });
  });

  describe("--hosts", () => {
    const three = (): string => {
      const host = (name: string) => `  - { name: ${name}, peerUri: "qemu+tcp://${name}/system" }\n`;
      const image = "images: { tiny: { kernel: /k, login: { hostKey: first-use } } }";
      const hosts = ["h1", "h2", "h3"].map(host).join("");
      const storage = "storage: { kind: directory, path: /srv }";
      return written("three.yaml", `hosts:\n${hosts}${image}\n${storage}\nnetwork: { bridge: br0 }\n`);
    };
    const one = (): string => written("one.yaml", "name: one\nsummary: one\nbase: { guests: { image: tiny } }\n");

    it("says which hosts are planned for, and in which direction", () => {
      const { stdout, stderr } = cli(["plan", one(), "--inventory", three(), "--hosts", "h3,h2"]);
      assert.equal(stderr, "");
      assert.match(stdout, /^one: 1 guests on h3 and h2\n/);
      assert.match(stdout, /h3: migrate ms-0000000-001-g1 to h2\n.*qemu\+tcp:\/\/h2\/system/);
      assert.doesNotMatch(stdout, /\bh1\b/);
    });

    for (const verb of ["plan", "run"])
      for (const [names, told] of [
        ["h1,h2,h3", /Write two different hosts: source,target/],
        ["h1", /Write two different hosts/],
        ["h1,h1", /Write two different hosts/],
        ["h1,h9", /^the inventory has no host h9, did you mean h1\?; it has h1, h2, h3\n$/],
      ] as const)
        it(`${verb} takes two that there are, and not ${names}`, () => {
          const { status, stdout, stderr } = cli([verb, one(), "--inventory", three(), "--hosts", names]);
          assert.deepEqual([status, stdout], [4, ""]);
          assert.match(stderr, told);
        });
  });

  describe("mistakes", () => {
    const verbs = [
      ["list"],
      ["plan"],
      ["run"],
      ["soak"],
      ["resume"],
      ["recover"],
      ["release"],
      ["report"],
      ["recheck"],
      ["compare"],
      ["history"],
      ["lab", "up"],
      ["lab", "down"],
      ["lab", "status"],
      ["notify"],
      ["schema"],
    ];
    it("every verb helps with an example", () => {
      for (const verb of verbs) {
        const { status, stdout } = cli([...verb, "--help"]);
        assert.equal(status, 0);
        assert.match(stdout, new RegExp(`Example:\n  npx migstorm ${verb.join(" ")}`), verb.join(" "));
      }
    });

    const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
      ["an unknown verb", ["lsit"], /unknown command 'lsit'\s+\(Did you mean list\?\)/],
      ["an unknown option", ["list", "--jsno"], /unknown option '--jsno'\s+\(Did you mean --json\?\)/],
      [
        "a word that no case has",
        ["list", SMOKE, "--only", "postcpoy"],
        /^no case has the variant postcpoy, did you mean postcopy\?\n$/,
      ],
      [
        "a filter that leaves nothing",
        ["list", SMOKE, "--only", "smoke", "--no", "smoke"],
        /^nothing is selected: the filters leave none of 6 cases\n$/,
      ],
      ["a file that is not there", ["list", "none.yaml"], /^none\.yaml: there is no such file\n$/],
      ["a shard that cannot be", ["list", SMOKE, "--shard", "3/2"], /Write i\/n, e\.g\. 2\/5/],
      ["a sample of nothing", ["list", SMOKE, "--sample", "0"], /Write a number, or pairwise/],
      ["the same scenario twice", ["list", SMOKE, SMOKE], /has cases of the same ids as/],
      [
        "a run without an inventory",
        ["run", SMOKE],
        /^cfg\/inventory\.yaml: there is no such inventory: `npx migstorm init` writes /,
      ],
      ["keeping for no time", ["run", SMOKE, "--keep-on-failure=0s"], /Write a duration above zero/],
      [
        "keeping for a scenario",
        ["run", "--keep-on-failure", SMOKE],
        /no duration: write --keep-on-failure=8h, or put/,
      ],
      ["keeping what is only listed", ["list", SMOKE, "--keep-on-failure"], /unknown option '--keep-on-failure'/],
      ["releasing nothing", ["release"], /missing required argument 'dir'/],
      ["releasing what is no job's folder", ["release", "."], /is not the folder of a job/],
      ["releasing for a while", ["release", ".", "--extend", "tomorrow"], /Write a duration above zero/],
      ["releasing and keeping", ["release", ".", "--extend", "1h", "--give-up", "h1"], /say one of them/],
      ["a soak without an end", ["soak", SMOKE, "--lab"], /say how long: --for 12h, or --passes 20/],
      ["a soak of no time", ["soak", SMOKE, "--for", "0s"], /Write a duration above zero/],
      ["a soak of bare time", ["soak", SMOKE, "--for", "12"], /Write a duration above zero/],
      [
        "a soak without an inventory",
        ["soak", SMOKE, "--passes", "1"],
        /^cfg\/inventory\.yaml: there is no such inventory: `npx migstorm init` writes /,
      ],
      ["a comparison with nothing", ["compare", "none-a", "none-b"], /none-a: there is no such folder\n$/],
      ["a comparison with what is no job", ["compare", ".", "."], / is not the folder of a job: it has no job\.json/],
      ["a history of nothing", ["history", "none"], /none: there is no such folder\n$/],
      [
        "results that would lie below a file",
        ["run", SMOKE, "--lab", "--results-dir", `${CLI}/x`],
        /a file, or lies below one; name/,
      ],
      [
        "results where no folder can be",
        ["run", SMOKE, "--lab", "--results-dir", "/proc/x"],
        /makes no folders there; name/,
      ],
      [
        "a plan without an inventory",
        ["plan", SMOKE],
        /^cfg\/inventory\.yaml: there is no such inventory: `npx migstorm init` writes /,
      ],
      ["a shrink of nothing", ["shrink", "none", "--id", "a"], /none: there is no such folder/],
      ["a shrink of no case", ["shrink", "none"], /required option '--id <id>' not specified/],
      ["a shrink that never looks", ["shrink", "none", "--id", "a", "-n", "0"], /Write a whole number, 1 or more/],
    ];
    for (const [what, args, told] of refused)
      it(`exit 4, with a sentence and no stack: ${what}`, () => {
        const { status, stdout, stderr } = cli(args);
        assert.equal(status, 4);
        assert.equal(stdout, "");
        assert.match(stderr, told);
        assert.doesNotMatch(stderr, STACK);
      });

    it("exit 4, with a sentence: a case that is to be shrunk and passed, or is not in the job", () => {
      const job = join(folder, "job-x");
      mkdirSync(job);
      writeFileSync(join(job, "job.json"), '{"jobId":"job-x","argv":[]}');
      writeFileSync(join(job, "plan.json"), JSON.stringify(buildJobPlan()));
      writeFileSync(join(job, "results.json"), renderJson(buildJob()));
      const results = join(folder, "shrunk-results");
      const passed = cli(["shrink", job, "--id", "smoke.orderly.precopy", "--results-dir", results]);
      assert.equal(passed.status, 4, passed.stderr);
      assert.match(
        passed.stderr,
        /^smoke\.orderly\.precopy did not fail in .*job-x, it was PASS: nothing to look for\n$/,
      );
      const missing = cli(["shrink", job, "--id", "smoke.orderly.precop", "--results-dir", results]);
      assert.equal(missing.status, 4);
      assert.match(missing.stderr, /no case has the id smoke\.orderly\.precop, did you mean smoke\.orderly\.precopy\?/);
      assert.ok(!existsSync(results), "and no folder is made");
    });

    it("hosts that cannot be reached are the job's trouble: exit 2, with a sentence", () => {
      const host = (name: string, port: number) =>
        `  - { name: ${name}, address: 127.0.0.1, port: ${port}, passwordEnv: HOME, hostKey: "SHA256:${"A".repeat(43)}", peerUri: "qemu+tcp://${name}/system" }\n`;
      const file = written(
        "away.yaml",
        `hosts:\n${host("h1", 1)}${host("h2", 2)}images: {}\nnetwork: { bridge: br0 }\n`,
      );
      const { status, stderr } = cli(["run", SMOKE, "--inventory", file]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /h1.*127\.0\.0\.1/);
      assert.doesNotMatch(stderr, STACK);
    });

    it("a job that was refused is not `latest`, where there is an earlier one", () => {
      const latest = join(folder, "job-results/latest");
      rmSync(latest, { force: true });
      symlinkSync("job-before", latest);
      assert.equal(cli(["run", SMOKE, "--inventory", "away.yaml"]).status, 2);
      assert.equal(readlinkSync(latest), "job-before");
    });

    it("what the system would not do is told without a stack: exit 2", () => {
      const name = join(folder, "there");
      mkdirSync(join(name, "cfg/inventory.yaml"), { recursive: true });
      const { status, stderr } = cli(["init", "--host", "a", "--host", "b", "--yes", "--force"], name);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /^EISDIR: illegal operation on a directory, open '.*cfg\/inventory\.yaml'\n$/);
    });

    it("a soak on such hosts ends with its first pass, and says so in its summary", () => {
      const { status, stdout, stderr } = cli(["soak", SMOKE, "--inventory", "away.yaml", "--passes", "5"]);
      assert.equal(status, 2, stdout + stderr);
      assert.match(stdout, /^ENDED {6}: pass 1 could not be run: .*h1/m);
      assert.doesNotMatch(stdout + stderr, STACK);
      const latest = join(folder, "job-results/latest");
      const { passes, ended, exitCode } = JSON.parse(readFileSync(join(latest, "soak.json"), "utf8"));
      assert.deepEqual([passes.length, passes[0].kept, exitCode], [1, "whole", 2]);
      assert.match(ended, /^pass 1 could not be run: /);
      assert.match(readFileSync(join(latest, "leaks.ndjson"), "utf8"), /"pass":0,.*"problems":\["h1/);
    });
  });
});

/** Whether the program is missing, or a source was changed after it was built. */
function isOlder(built: string): boolean {
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ["harness", "lib", "reports"].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, encoding: "utf8" }).map((file) => join(ROOT, top, file)),
  );
  return sources.some((file) => {
    if (!file.endsWith(".ts") || statSync(file).mtimeMs <= builtAt) return false;
    const output = join(ROOT, "dist", file.slice(ROOT.length + 1)).replace(/\.ts$/, ".js");
    return (statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0) < statSync(file).mtimeMs;
  });
}
