import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assumedFacts } from "../../../../harness/assumed-facts.js";
import { type InitOptions, init } from "../../../../harness/commands/init.js";
import { expand } from "../../../../harness/expand.js";
import { inventoryText } from "../../../../harness/init/files.js";
import { loadInventory, loadScenario } from "../../../../harness/load.js";
import { makePlans } from "../../../../harness/plan.js";

const TWO: InitOptions = { host: ["alpha=192.0.2.11", "beta"], yes: true };

/** Runs it in a folder of its own; with answers it is asked, and each question is kept. */
async function ran(options: InitOptions, answers?: readonly string[], before: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-init-"));
  for (const [path, text] of Object.entries(before)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const [asked, left] = [[] as string[], [...(answers ?? [])]];
  let printed = "";
  const ask = async (text: string): Promise<string> => {
    asked.push(text);
    const next = left.shift();
    if (next === undefined) throw new Error(`nobody answers: ${text}`);
    return next;
  };
  const write = (text: string): void => {
    printed += text;
  };
  const work = init({ ...options, folder }, write, answers === undefined ? undefined : ask);
  return { folder, asked, left, printed: () => printed, code: await work };
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe("init", () => {
  it("writes files without a question that list, plan and doctor can read, and says what to type next", async () => {
    const { folder, code, printed } = await ran(TWO);
    assert.equal(code, 0);
    assert.deepEqual(await filesIn(folder), [".gitlab-ci.yml", "cfg/inventory.yaml", "scenarios/first.yaml"]);
    assert.match(printed(), /\nNEXT {7}: npx migstorm doctor --inventory cfg\/inventory\.yaml\n/);
    const inventory = await loadInventory(join(folder, "cfg/inventory.yaml"));
    assert.deepEqual(
      inventory.hosts.map(({ name, address, user, agent, peerUri }) => [name, address, user, agent, peerUri]),
      [
        ["alpha", "192.0.2.11", "root", true, "qemu+ssh://root@alpha/system"],
        ["beta", "beta", "root", true, "qemu+ssh://root@beta/system"],
      ],
    );
    const cases = expand(await loadScenario(join(folder, "scenarios/first.yaml")));
    assert.deepEqual(
      cases.map(({ id }) => id),
      ["first.precopy", "first.postcopy"],
    );
    const plans = makePlans(cases, {
      ...{ inventory, hosts: inventory.hosts.map(assumedFacts) as never },
      ...{ jobKey: "0000000", fresh: false },
    });
    assert.deepEqual(
      plans.map(({ verdict }) => verdict),
      ["run", "run"],
    );
  });

  for (const [ci, path] of [
    ["github", ".github/workflows/migration-stress.yml"],
    ["jenkins", "Jenkinsfile"],
  ] as const)
    it(`writes the file that ${ci} looks for, about the first scenario`, async () => {
      const { folder } = await ran({ ...TWO, ci });
      const text = await readFile(join(folder, path), "utf8");
      assert.match(text, /run scenarios\/first\.yaml --inventory/);
      assert.doesNotMatch(text, /migrate-stress\.yaml|cfg\/lab\.yaml/);
    });

  it("asks for what is not given, takes the proposals, and asks again for what the inventory cannot have", async () => {
    const answers = [
      ...["a host", "alpha", "", "tester", "/keys/id", ""],
      ...["beta", "192.0.2.12", "", "$BETA", "qemu+tcp:beta", "qemu+tcp://beta/system"],
      ...["br-guests", "nfs://s1/srv/guests", "", "none"],
    ];
    const { folder, printed, left, asked } = await ran({}, answers);
    assert.deepEqual(left, []);
    assert.match(printed(), /Name of the first host: a host: use letters, digits, dots and hyphens, at most 63\n/);
    assert.match(printed(), /qemu\+tcp:beta: write a libvirt URI, e\.g\. qemu\+tcp:\/\/h1\/system\n/);
    assert.ok(asked.includes("  its name or address, as this machine reaches it [alpha]: "));
    assert.deepEqual(await filesIn(folder), ["cfg/inventory.yaml", "scenarios/first.yaml"]);
    const { hosts, storage, network, images } = await loadInventory(join(folder, "cfg/inventory.yaml"));
    assert.deepEqual(
      hosts.map(({ user, become, identityFile, passwordEnv }) => [user, become, identityFile, passwordEnv]),
      [
        ["tester", "sudo", "/keys/id", undefined],
        ["tester", "sudo", undefined, "BETA"],
      ],
    );
    assert.deepEqual([storage.kind, network.bridge, images.guest?.disk], ["nfs", "br-guests", "base/guest.qcow2"]);
  });

  it("replaces a file only where that is answered", async () => {
    const before = { "cfg/inventory.yaml": "mine", "scenarios/first.yaml": "mine too" };
    const { folder, printed } = await ran(
      { ...TWO, yes: false, user: "root", login: "agent", ci: "none" },
      [...Array<string>(6).fill(""), "y", ""],
      before,
    );
    assert.match(printed(), /WRITTEN {4}: cfg\/inventory\.yaml\nKEPT {7}: scenarios\/first\.yaml\n/);
    assert.equal(await readFile(join(folder, "scenarios/first.yaml"), "utf8"), "mine too");
    assert.equal((await loadInventory(join(folder, "cfg/inventory.yaml"))).hosts.length, 2);
  });

  const refused: readonly (readonly [string, InitOptions, RegExp])[] = [
    [
      "one host",
      { host: ["alpha"], yes: true },
      /^Name of the second host: it needs one: init --host a --host b --yes$/,
    ],
    ["three hosts", { host: ["a", "b", "c"], yes: true }, /two hosts/],
    ["the same host twice", { host: ["a", "a"], yes: true }, /two hosts are called a/],
    ["a login that is no path", { ...TWO, login: "id_rsa" }, /write an absolute path/],
    ["a password where its variable belongs", { ...TWO, login: "$secret" }, /name an environment variable/],
    [
      "a bridge that no kernel would name so",
      { ...TWO, bridge: "a-name-that-is-too-long" },
      /Bridge that guests hang on/,
    ],
    ["storage that is neither", { ...TWO, storage: "nfs:srv" }, /write an absolute path/],
  ];
  for (const [what, options, message] of refused)
    it(`refuses ${what}, and writes nothing`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "migstorm-init-"));
      await assert.rejects(
        init({ ...options, folder }, () => undefined),
        { code: "bad-input", message },
      );
      assert.deepEqual(await filesIn(folder), []);
    });

  it("replaces nothing without a question unless it is told to", async () => {
    const before = { "cfg/inventory.yaml": "mine" };
    await assert.rejects(ran(TWO, undefined, before), {
      message: /^cfg\/inventory\.yaml: there already, and nothing was written/,
    });
    const { folder } = await ran({ ...TWO, force: true }, undefined, before);
    assert.equal((await loadInventory(join(folder, "cfg/inventory.yaml"))).hosts.length, 2);
  });

  it("quotes what YAML would read as something else than text", () =>
    assert.match(
      inventoryText({ hosts: [{ name: "no", user: "123", peerUri: "a://b: c" }] }),
      /- name: "no"\n {4}user: "123"\n {4}peerUri: "a:\/\/b: c"\n/,
    ));
});
