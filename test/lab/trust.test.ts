import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  assertAsBefore,
  cli,
  machinesState,
  on,
  runJob,
  scenario,
  startJob,
  type TestLab,
  testLab,
  writeInput,
} from "../support/lab-job.js";

const knownToRunner = (): Promise<string> => readFile(join(homedir(), ".ssh/known_hosts"), "utf8").catch(() => "");

describe("trust between machines", function () {
  this.timeout(120_000);
  let lab: TestLab;
  let known: string;
  let overSsh: string;

  before(async () => {
    lab = await testLab();
    known = await knownToRunner();
    // Somebody else's lines, which have to survive.
    for (const host of [lab.source, lab.target])
      await on(host, "printf 'other.example ssh-ed25519 AAAA\\n' > ~/.ssh/known_hosts");
    lab = { ...lab, pristine: await machinesState(lab) };
    const hosts = lab.inventory.hosts.map((host) => ({ ...host, peerUri: `qemu+ssh://root@${host.name}/system` }));
    overSsh = await writeInput(lab, "over-ssh.yaml", { ...lab.inventory, hosts });
  });
  afterEach(async () => {
    if (lab !== undefined) assert.equal(await knownToRunner(), known, "the runner has learnt no key");
  });
  after(() => lab?.down());

  it("is made for a job whose hosts speak ssh to each other, directly and peer to peer, and taken back", async () => {
    const path = await scenario(
      lab,
      "ssh",
      {},
      {
        control: { direct: { migration: { control: "direct" } }, p2p: { migration: { control: "p2p" } } },
      },
    );
    const { exitCode, stdout, result } = await runJob(lab, path, overSsh);
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(
      result.cases.map(({ status }) => status),
      ["PASS", "PASS"],
    );
    for (const { commands, migrations } of result.cases) {
      const doing = commands.map(({ what = "" }) => what);
      assert.equal(doing.filter((what) => /^let .* log in by ssh/.test(what)).length, 2, "each host lets the other in");
      for (const { command = [] } of migrations) assert.match(command.join(" "), /qemu\+ssh:\/\/root@.*keyfile=/);
    }
    await assertAsBefore(lab);
  });

  it("is taken back by recover when the runner is killed", async () => {
    const job = await startJob(lab, await scenario(lab, "killed"), overSsh);
    await job.step("start 1 guests");
    job.child.kill("SIGKILL");
    await job.ended;
    assert.match(await on(lab.target, "cat ~/.ssh/authorized_keys"), /restrict ssh-ed25519 .* migstorm-/);
    const { exitCode, stdout, stderr } = await cli("recover", job.folder);
    assert.equal(exitCode, 0, stdout + stderr);
    await assertAsBefore(lab);
  });

  it("is refused to a host that shows another key than the inventory says, with both fingerprints", async () => {
    const [first, second] = lab.inventory.hosts;
    assert.ok(first?.hostKey !== undefined && second?.hostKey !== undefined);
    const hosts = [first, { ...second, hostKey: first.hostKey }];
    const inventory = await writeInput(lab, "swapped.yaml", { ...lab.inventory, hosts });
    const results = join(lab.folder, "swapped");
    const path = await scenario(lab, "refused");
    const { exitCode, stderr } = await cli("run", "--inventory", inventory, "--results-dir", results, path);
    assert.equal(exitCode, 2);
    for (const word of [second.name, first.hostKey, second.hostKey]) assert.ok(stderr.includes(word), stderr);
    await assertAsBefore(lab);
  });

  it("is refused to a host that no key is known of", async () => {
    const hosts = lab.inventory.hosts.map(({ hostKey: _, ...host }) => ({
      ...host,
      knownHosts: join(lab.folder, "known_hosts"),
    }));
    const inventory = await writeInput(lab, "unknown-key.yaml", { ...lab.inventory, hosts });
    await writeInput(lab, "known_hosts", []);
    const path = await scenario(lab, "stranger");
    for (const _ of ["first", "second"]) {
      const end = await cli("run", "--inventory", inventory, "--results-dir", join(lab.folder, "stranger"), path);
      assert.equal(end.exitCode, 2, "nothing is learnt at the first time");
      assert.ok(end.stderr.includes(lab.inventory.hosts[0]?.hostKey ?? "?"), end.stderr);
    }
    assert.equal(await readFile(join(lab.folder, "known_hosts"), "utf8"), "[]");
    await assertAsBefore(lab);
  });
});
