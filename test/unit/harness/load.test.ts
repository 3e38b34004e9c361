import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expand } from "../../../harness/expand.js";
import { loadInventory, loadScenario } from "../../../harness/load.js";
import type { HarnessError } from "../../../lib/errors.js";
import { refusal, withFile } from "../../support/scenario.js";

const HEAD = "name: x\nsummary: y\n";
const load = async (path: string) => expand(await loadScenario(path));

describe("loadScenario", () => {
  it("reports every mistake of a file at once, in the order of the file", async () => {
    const text = `name: x
sumary: two typing errors
base:
  guests: { count: two, memory: 4 }
  migration: { mode: pre-copy, timeuot: 5s }
axes:
  mode:
    a: { only: { laod: [x] } }
    b: { limits: { downtime: 3 } }
  load:
    idle: { no: { mode: [a, c] } }
`;
    assert.deepEqual(await refusal(text, load), [
      "file.yaml:1:1: summary: expected text, found nothing",
      "file.yaml:2:1: sumary: unknown key sumary, did you mean summary?",
      'file.yaml:4:13: base.guests.count: expected a number, found "two"',
      "file.yaml:4:25: base.guests.memory: write memory as <number>MiB or <number>GiB, found 4",
      'file.yaml:5:16: base.migration.mode: expected precopy | postcopy, found "pre-copy", did you mean precopy?',
      "file.yaml:5:32: base.migration.timeuot: unknown key timeuot, did you mean timeout?",
      "file.yaml:8:18: axes.mode.a.only.laod: there is no axis laod, did you mean load?",
      "file.yaml:9:20: axes.mode.b.limits.downtime: write a duration as <number>ms, <number>s, <number>m or <number>h, found 3",
      "file.yaml:11:19: axes.load.idle.no.mode: axis mode has no variant c",
    ]);
  });

  it("shows the line with a caret below the place", async () => {
    await withFile(`${HEAD}base:\n  guests: { cuont: 2 }\n`, async (path) => {
      await assert.rejects(load(path), (error: HarnessError) => {
        assert.equal(
          error.message,
          `${path}:4:13: base.guests.cuont: unknown key cuont, did you mean count?\n      guests: { cuont: 2 }\n${" ".repeat(16)}^`,
        );
        return true;
      });
    });
  });

  it("refuses a dot in a name, which would make two cases of one id", async () => {
    const axes = "axes: { a: { x: { axes: { b: { y: {} } } }, x.y: {} } }";
    const told = await refusal(`${HEAD}${axes}`, load);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^file\.yaml:3:\d+: axes\.a\.x\.y: a name has letters, digits, _ and -/);
  });

  it("suggests keys of the place only: no timeout among guests", async () => {
    assert.deepEqual(await refusal(`${HEAD}base: { guests: { timeout: 3s } }`, load), [
      "file.yaml:3:19: base.guests.timeout: unknown key timeout",
    ]);
  });

  it("lets no control character of a file through", async () => {
    const told = await refusal(`${HEAD}"\\e[31mred\\u202e": 1\nbase: { guests: { image: "a\\e]0;t\\ab" } }`, load);
    assert.equal(told.length, 2);
    for (const line of told) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
  });

  it("tells fifty mistakes and the number of the rest", async () => {
    const told = await refusal(`${HEAD}${Array.from({ length: 80 }, (_, n) => `wrong${n}: 1`).join("\n")}`, load);
    assert.equal(told.length, 51);
    assert.equal(told.at(-1), "file.yaml: and 30 more");
  });

  it("takes one name where a list of names is wanted", async () => {
    await withFile(`${HEAD}base: { guests: { image: tiny } }`, async (path) => {
      assert.deepEqual((await load(path))[0]?.params.guests.image, ["tiny"]);
    });
  });
});

describe("loadInventory", () => {
  const INVENTORY = `hosts:
  - { name: h1, address: 10.0.0.1, peerUri: qemu+tcp://h1/system }
  - { name: h2, address: 10.0.0.2, peerUri: qemu+tcp://h2/system }
images: {}
network: { bridge: br0 }
`;

  it("fills in what is not said", async () => {
    const { hosts, network, storage } = await withFile(INVENTORY, loadInventory);
    assert.deepEqual(
      hosts.map(({ name, port, user }) => [name, port, user]),
      [
        ["h1", 22, "root"],
        ["h2", 22, "root"],
      ],
    );
    assert.equal(network.addressing, "discover");
    assert.deepEqual(storage, { kind: "none" });
  });

  for (const host of [
    "peerUri: qemu+ssh://root@h2:2222/system",
    "peerUri: qemu+ssh://h2/system?no_verify=1",
    "peerUri: qemu+ssh://root@h2/system, user: virt, become: sudo",
    "peerUri: qemu+ssh://virt@h2/system, user: virt",
    "peerUri: qemu+tls://virt@h2/system",
  ])
    it(`takes a host whose trust can be made: ${host}`, async () => {
      const { hosts } = await withFile(INVENTORY.replace("peerUri: qemu+tcp://h2/system", host), loadInventory);
      assert.equal(hosts.length, 2);
    });

  it("reads the example that is shipped", async () => {
    const inventory = await loadInventory(join(import.meta.dirname, "../../../cfg/inventory.example.yaml"));
    assert.equal(inventory.hosts.length, 2);
  });

  const table: [name: string, from: string, to: string, expected: string[]][] = [
    ["two hosts of one name", "name: h2", "name: h1", ["file.yaml:3:7: hosts.1.name: two hosts are called h1"]],
    [
      "two hosts at one address",
      "10.0.0.2",
      "10.0.0.1",
      ["file.yaml:3:17: hosts.1.address: two hosts are reached as 10.0.0.1 port 22"],
    ],
    [
      "static addresses without a pool",
      "bridge: br0",
      "bridge: br0, addressing: static",
      ["file.yaml:5:25: network.addressing: static addressing needs a pool of addresses: pool: 198.18.1.1/16"],
    ],
    [
      "hosts that would log in as a user who does not get the job's key",
      "qemu+tcp://h2",
      "qemu+ssh://virt@h2",
      [
        "file.yaml:3:36: hosts.1.peerUri: the other hosts would log in as virt, but the job's ssh key is made known to root: write qemu+ssh://root@…",
      ],
    ],
    [
      "hosts that would log in as root where only another user gets the job's key",
      "peerUri: qemu+tcp://h2",
      "user: virt, peerUri: qemu+ssh://h2",
      [
        "file.yaml:3:48: hosts.1.peerUri: the other hosts would log in as root, but the job's ssh key is made known to virt: write qemu+ssh://virt@…",
      ],
    ],
    [
      "a misspelt key",
      "peerUri: qemu+tcp://h2",
      "peeruri: qemu+tcp://h2",
      [
        "file.yaml:3:5: hosts.1.peerUri: expected text, found nothing",
        "file.yaml:3:36: hosts.1.peeruri: unknown key peeruri, did you mean peerUri?",
      ],
    ],
    [
      "a single host",
      "  - { name: h2, address: 10.0.0.2, peerUri: qemu+tcp://h2/system }\n",
      "",
      ["a migration needs two hosts"],
    ],
    [
      "a key of the wrong kind of storage",
      "images: {}",
      "images: {}\nstorage: { kind: directory, path: /srv, exprot: /x }",
      ["file.yaml:5:41: storage.exprot: unknown key exprot"],
    ],
  ];
  for (const [name, from, to, expected] of table)
    it(`refuses ${name}`, async () => {
      assert.ok(INVENTORY.includes(from));
      const told = await refusal(INVENTORY.replace(from, to), loadInventory);
      assert.equal(told.length, expected.length);
      for (const [index, line] of told.entries()) assert.ok(line.endsWith(expected[index] ?? "-"), line);
    });

  it("names no secret: the example holds paths and names of environment variables", async () => {
    const text = await readFile(join(import.meta.dirname, "../../../cfg/inventory.example.yaml"), "utf8");
    assert.doesNotMatch(text, /^\s*password:/m);
  });
});
