import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readYaml } from "../../../harness/yaml.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, "docs/ci");
const FILES = ["Jenkinsfile", "github-actions.yml", "gitlab-ci.yml"];
const CODES = [0, 1, 2, 3, 4, 8, 9, 137];

type Words = readonly string[];
const textOf = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

/** The command lines of migstorm in a file, as words without quotes. */
const commandsOf = (name: string): Words[] =>
  [
    ...textOf(name)
      .replace(/\\\n\s*/g, "")
      .matchAll(/node dist\/harness\/cli\.js ([^\n|']*)/g),
  ].map(([, line = ""]) => line.trim().split(/\s+/));

const helps = new Map<string, string>();
function helpOf(verb: string): string {
  const known = helps.get(verb);
  if (known !== undefined) return known;
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "harness/cli.ts"), verb, "--help"], {
    encoding: "utf8",
    timeout: 15_000,
  });
  helps.set(verb, stdout);
  return stdout;
}

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: object;
  readonly concurrency: Readonly<Record<string, unknown>>;
  readonly jobs: { readonly stress: { readonly "timeout-minutes": number; readonly steps: readonly Step[] } };
}

interface GitlabJob {
  readonly script: Words;
  readonly after_script: Words;
  readonly allow_failure: { readonly exit_codes: readonly number[] };
  readonly timeout: string;
  readonly resource_group: string;
  readonly artifacts: {
    readonly when: string;
    readonly paths: Words;
    readonly reports: { readonly junit: string };
  };
}

const workflow = async () => (await readYaml(join(FOLDER, "github-actions.yml"))).value as Workflow;
const gitlab = async () =>
  ((await readYaml(join(FOLDER, "gitlab-ci.yml"))).value as Record<string, GitlabJob>)["migration-stress"] ??
  assert.fail("the job is missing");

describe("the files for CI", function () {
  this.timeout(60_000);

  it("are all looked at here, and the README points to each", () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), FILES);
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    for (const name of FILES) assert.ok(readme.includes(`(docs/ci/${name})`), name);
  });

  for (const name of FILES)
    it(`${name} uses verbs, options and files that there are`, () => {
      const commands = commandsOf(name);
      assert.deepEqual([...new Set(commands.map(([verb]) => verb))].sort(), ["recover", "run"]);
      for (const [verb = "", ...words] of commands) {
        const known = [...helpOf(verb).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
        for (const word of words.filter((one) => one.startsWith("--")))
          assert.ok(known.includes(word), `${verb} ${word}`);
        for (const word of words.filter((one) => /^(?:scenarios|cfg)\//.test(one)))
          assert.ok(existsSync(join(ROOT, word)), word);
      }
    });

  for (const name of FILES)
    it(`${name} runs a sample with the lab's profile, for a bounded time, and ends it as Ctrl-C does`, () => {
      const text = textOf(name).replace(/\\\n\s*/g, "");
      assert.match(text, /timeout --foreground --preserve-status --signal=INT 4h node dist\/harness\/cli\.js run /);
      const [run = []] = commandsOf(name).filter(([verb]) => verb === "run");
      assert.equal(run[run.indexOf("--sample") + 1], "pairwise");
      assert.equal(run[run.indexOf("--profile") + 1], "cfg/lab.yaml");
    });

  for (const name of FILES)
    it(`${name} keeps what puts hosts back outside of the checkout, and uses it before and after the run`, () => {
      const verbs = commandsOf(name).map(([verb]) => verb);
      assert.deepEqual(verbs, ["recover", "run", "recover"]);
      for (const words of commandsOf(name))
        assert.match(
          words[words.indexOf("--results-dir") + 1] ?? "",
          /^"\$(?:HOME\/migstorm-results|MIGSTORM_RESULTS|folder)/,
        );
    });

  it("GitHub: results are kept and published whatever came of the run, one job at a time", async () => {
    const { on, concurrency, jobs } = await workflow();
    const { steps, "timeout-minutes": minutes } = jobs.stress;
    assert.deepEqual(Object.keys(on), ["workflow_dispatch", "schedule"]);
    assert.equal(concurrency["cancel-in-progress"], false);
    assert.ok(minutes > 4 * 60);
    const after = steps.slice(steps.findIndex(({ name }) => name === "Run") + 1);
    assert.ok(after.length >= 4 && after.every((step) => step.if === "always()"));
    const [artefact, junit] = ["actions/upload-artifact@", "mikepenz/action-junit-report@"].map((action) =>
      after.find(({ uses = "" }) => uses.startsWith(action)),
    );
    assert.deepEqual([artefact?.with?.path, junit?.with?.report_paths], ["results/", "results/results.xml"]);
    assert.ok(steps.every((step) => (step.run === undefined) !== (step.uses === undefined)));
  });

  it("GitLab: results are kept and published whatever came of the run, one job at a time", async () => {
    const job = await gitlab();
    assert.deepEqual(job.allow_failure.exit_codes, [8]);
    assert.equal(job.artifacts.when, "always");
    assert.deepEqual([job.artifacts.paths, job.artifacts.reports.junit], [["results/"], "results/results.xml"]);
    assert.equal(job.resource_group, "migration-hosts");
    assert.ok(Number.parseInt(job.timeout, 10) > 4);
    assert.ok(job.after_script.some((line) => line.includes("results")));
  });

  describe("with a migstorm that ends with each exit code", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "migstorm-ci-"));
      writeFileSync(join(folder, "node"), '#!/bin/sh\n[ "$2" = recover ] || exit "$CODE"\n');
      writeFileSync(join(folder, "npm"), "#!/bin/sh\n");
      for (const name of ["node", "npm"]) chmodSync(join(folder, name), 0o755);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const ends = (script: string, code: number) =>
      spawnSync("bash", ["-eo", "pipefail", "-c", script], {
        encoding: "utf8",
        cwd: folder,
        env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder, CODE: String(code) },
      });

    it("GitHub: the step ends with it, and says what it means", async () => {
      const { steps } = (await workflow()).jobs.stress;
      const script = steps.find(({ name }) => name === "Run")?.run ?? assert.fail("no such step");
      const said = (code: number): string => {
        const { status, stdout } = ends(script, code);
        assert.equal(status, code);
        return [...stdout.matchAll(/^::(error|warning) title=[^:]*::(.*)$/gm)].map(([, , what]) => what).join(", ");
      };
      assert.deepEqual(CODES.map(said), [
        "",
        "cases failed or erred",
        "the job is broken",
        "cases failed or erred, the job is broken",
        "the job is broken",
        "stopped before its end",
        "cases failed or erred, stopped before its end",
        "cases failed or erred, stopped before its end, the job is broken",
      ]);
    });

    it("GitLab: the script ends with it", async () => {
      const { script } = await gitlab();
      for (const code of CODES) assert.equal(ends(script.join("\n"), code).status, code);
    });
  });

  it("Jenkins: is balanced, has its stages, and tells the exit codes apart", () => {
    const text = textOf("Jenkinsfile");
    const bare = text
      .replace(/'''[\s\S]*?'''/g, "''")
      .replace(/'[^'\n]*'|"[^"\n]*"/g, "''")
      .replace(/\/\/.*$/gm, "");
    const open: string[] = [];
    for (const [char] of bare.matchAll(/[{}()[\]]/g)) {
      if ("{([".includes(char)) open.push(char);
      else assert.equal(`${open.pop()}${char}`.match(/^(\{\}|\(\)|\[\])$/) !== null, true, `${char} closes nothing`);
    }
    assert.deepEqual(open, []);
    assert.doesNotMatch(bare, /'{3}|"/, "a quote is left open");
    assert.deepEqual(
      [...text.matchAll(/stage\('(\w+)'\)/g)].map(([, name]) => name),
      ["Install", "Recover", "Run"],
    );
    assert.match(bare, /^\s*pipeline \{[\s\S]*\n {2}post \{\n {4}always \{[\s\S]*\}\n$/);
    assert.match(text, /returnStatus: true/);
    assert.match(
      text,
      /\(code & ~9\) != 0[\s\S]*error\([\s\S]*\(code & 1\) != 0[\s\S]*unstable\([\s\S]*\(code & 8\) != 0[\s\S]*ABORTED/,
    );
    assert.match(text, /junit testResults: 'results\/results\.xml', keepProperties: true, stdioRetention: 'FAILED'/);
    assert.match(text, /archiveArtifacts artifacts: 'results\/\*\*'/);
    for (const [, script = ""] of text.matchAll(/'''([\s\S]*?)'''/g))
      assert.equal(spawnSync("bash", ["-n"], { input: script }).status, 0);
  });
});
