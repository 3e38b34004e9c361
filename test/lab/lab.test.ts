import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { labDown } from "../../lib/lab/down.js";
import { LABS_FOLDER } from "../../lib/lab/layout.js";
import { claimedSlots } from "../../lib/lab/slots.js";
import { labStatus } from "../../lib/lab/status.js";
import { type LabInfo, labUp } from "../../lib/lab/up.js";
import { domainXml } from "../../lib/libvirt/domain-xml.js";
import { type Host, type Inventory, inventorySchema } from "../../lib/model/inventory.js";
import { until } from "../../lib/poll.js";
import { cloneDisk, diskSource } from "../../lib/prepare/disks.js";
import { localRun } from "../../lib/transport/local.js";
import { needsRoot } from "../support/needs.js";

const here = localRun("here");
const run = (file: string, args: readonly string[], input = "") => here({ file, args, input, timeoutMs: 60_000 });
const output = async (file: string, args: readonly string[], input = ""): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(file, args, input);
  assert.equal(exitCode, 0, `${file} ${args.join(" ")}: ${stderr}`);
  return stdout;
};

const made: string[] = [];
const newName = (): string => {
  const name = `t${randomBytes(4).toString("hex")}`;
  made.push(name);
  return name;
};

const readInventory = async ({ inventoryPath }: LabInfo): Promise<Inventory> =>
  inventorySchema.parse(JSON.parse(await readFile(inventoryPath, "utf8")));

/** Everything on this machine that a lab of this name could have left. Other labs may be up meanwhile. */
async function traces(name: string, slot: number | undefined): Promise<string[]> {
  const own = new RegExp(`(ms|migstorm)-${name}-|/labs/${name}(/|$)`);
  const list = (folder: string) => readdir(folder).catch(() => [] as string[]);
  const processes = await Promise.all(
    (await list("/proc"))
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) =>
        ["cgroup", "cmdline", "mountinfo"].map(async (file) => [
          `process ${pid} ${file}`,
          (await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")).replaceAll("\0", " "),
        ]),
      ),
  );
  const links = await output("ip", ["-o", "link", "show"]);
  return [
    ...processes.flatMap(([where, text]) => (own.test(text ?? "") ? [`${where}`] : [])),
    ...links.split("\n").filter((line) => slot !== undefined && new RegExp(`: ms${slot}[gm]`).test(line)),
    ...[
      ...(await list("/run/netns")),
      ...(await list("/sys/fs/cgroup")),
      ...(await list("/sys/fs/cgroup/memory")),
    ].filter((entry) => own.test(entry)),
    ...(await list(LABS_FOLDER)).filter((entry) => entry === name),
    ...(await claimedSlots()).filter((claimed) => claimed.name === name).map((claimed) => `slot ${claimed.slot}`),
  ];
}

const slotNow = async (name: string): Promise<number | undefined> =>
  (await claimedSlots()).find((claimed) => claimed.name === name)?.slot;

async function downLeavesNothing(name: string, slot: number | undefined): Promise<void> {
  await labDown(name);
  assert.deepEqual(await traces(name, slot), []);
  assert.equal(await labDown(name), false, "a second time there is nothing left to take down");
}

type Claimed = Awaited<ReturnType<typeof claimedSlots>>[number];

/** Links, mounts and folders of the whole machine, in lines that can be compared, and the labs that it has. */
async function machine(): Promise<{ readonly lines: readonly string[]; readonly labs: readonly Claimed[] }> {
  const links = (await output("ip", ["-o", "link", "show"])).split("\n").map((line) => line.split(" ")[1] ?? "");
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n");
  const folders: string[] = [];
  for (const folder of [
    "/run",
    "/run/netns",
    LABS_FOLDER,
    "/var/lib",
    "/srv",
    "/sys/fs/cgroup",
    "/sys/fs/cgroup/memory",
  ])
    folders.push(...(await readdir(folder).catch(() => [])).map((entry) => `${folder}/${entry}`));
  const ours = folders.filter((entry) => /migstorm|netns|\/ms-/.test(entry));
  return { lines: [...links, ...mounts, ...ours], labs: await claimedSlots() };
}

/** What all labs share: it goes with the last one. */
const SHARED = /\/run\/netns(?: |$)|\/var\/lib\/migstorm(?:\/labs\/\.slots)?$/;

/** @param labs nothing of these, and nothing that they share with others */
const withoutLabs = (lines: readonly string[], labs: readonly Claimed[]): string[] =>
  lines.filter(
    (line) =>
      !(labs.length > 0 && SHARED.test(line)) &&
      !labs.some(({ name, slot }) => new RegExp(`^ms${slot}[gm]|(ms|migstorm)-${name}-|/labs/${name}(/|$)`).test(line)),
  );

/** Runs labUp in a process of its own, which says `making` right before. */
async function labUpElsewhere(name: string) {
  const up = pathToFileURL(join(import.meta.dirname, "../../lib/lab/up.ts")).href;
  const script = `import { labUp } from ${JSON.stringify(up)}; console.log("making"); await labUp({ name: ${JSON.stringify(name)} });`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  return { child, ended };
}

/** Numbers of processes of a program in a machine of a lab. */
async function pidsOf(program: string, namespace: string): Promise<number[]> {
  const pids = (await output("ip", ["netns", "pids", namespace])).split("\n").filter(Boolean);
  const named = pids.map(async (pid) => [pid, (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim()]);
  return (await Promise.all(named)).filter(([, comm]) => comm === program).map(([pid]) => Number(pid));
}

describe("lab", function () {
  this.timeout(90_000);

  before(() => {
    needsRoot();
  });
  after(async () => {
    for (const name of made) await labDown(name);
  });

  describe("brought up", () => {
    const name = newName();
    let lab: LabInfo;
    let inventory: Inventory;
    let scratch: string;
    let slot: number | undefined;

    /** The openssh client with strict checking: the key that the server shows must be the one in the inventory. */
    async function ssh(target: { address: string; hostKey: string; identityFile: string }, args: string[], input = "") {
      const knownHosts = join(scratch, `known-${target.address}`);
      const shown = await output("ssh-keyscan", ["-t", "ed25519", target.address]);
      await writeFile(knownHosts, shown);
      assert.match(await output("ssh-keygen", ["-lf", knownHosts]), new RegExp(escapeRegExp(target.hostKey)));
      const options = ["BatchMode=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${knownHosts}`];
      return run(
        "ssh",
        [
          ...options.flatMap((option) => ["-o", option]),
          ...["-F", "none", "-i", target.identityFile, `root@${target.address}`, ...args],
        ],
        input,
      );
    }
    const host = (index: number) => {
      const { peerUri = "", migrationAddress = "", ...machine } = inventory.hosts[index] ?? {};
      return { peerUri, migrationAddress, ...loginOf(machine) };
    };
    const on = async (index: number, args: string[], input = ""): Promise<string> => {
      const { exitCode, stdout, stderr } = await ssh(host(index), args, input);
      assert.equal(exitCode, 0, `${args.join(" ")}: ${stderr}`);
      return stdout.trim();
    };

    before(async () => {
      scratch = await mkdtemp(join(tmpdir(), "migstorm-lab-test-"));
      lab = await labUp({ name });
      slot = await slotNow(name);
      inventory = await readInventory(lab);
    });
    after(async () => {
      await downLeavesNothing(name, slot);
      await rm(scratch, { recursive: true, force: true });
    });

    it("lets the runner in by ssh under strict host keys, each host under its own name", async () => {
      assert.deepEqual([await on(0, ["hostname"]), await on(1, ["hostname"])], lab.hosts);
      assert.notEqual(host(0).hostKey, host(1).hostKey);
    });

    it("is told by the status", async () => {
      const status = (await labStatus()).find((known) => known.name === name);
      assert.equal(status?.isComplete, true);
      assert.deepEqual(
        status?.machines.map(({ namespace }) => namespace),
        ["h1", "h2", "s1"].map((short) => `ms-${name}-${short}`),
      );
    });

    it("gives each host a limit of its memory, whoever asks for none, and both together less than this machine has", async () => {
      const limits = ["h1", "h2"].map(async (short) => {
        const group = `migstorm-${name}-${short}`;
        const files = [`memory/${group}/memory.limit_in_bytes`, `${group}/memory.max`];
        const read = files.map((file) => readFile(join("/sys/fs/cgroup", file), "utf8").catch(() => ""));
        return Number((await Promise.all(read)).join("").trim());
      });
      const [first = 0, second = 0] = await Promise.all(limits);
      assert.ok(first > 0 && first === second && first + second < totalmem(), `${first} and ${second} bytes`);
    });

    it("has hosts that reach each other's libvirt but do not trust each other's ssh", async () => {
      assert.match(await on(0, ["virsh", "-q", "-c", host(1).peerUri, "hostname"]), new RegExp(`^${lab.hosts[1]}`));
      const { exitCode } = await ssh(host(0), ["ssh", "-o", "BatchMode=yes", lab.hosts[1] ?? "", "true"]);
      assert.notEqual(exitCode, 0);
    });

    it("is not brought up twice under one name", async () => {
      await assert.rejects(labUp({ name }), /is up already/);
      assert.match(await on(0, ["hostname"]), /./);
    });

    it("runs a guest on a clone over NFS, which moves there and back once the ports are open", async () => {
      const { storage } = inventory;
      const image = inventory.images["tiny-b"];
      assert.ok(storage.kind === "nfs" && image !== undefined);
      const clone = cloneDisk(storage, image, "g1.qcow2");
      const made = await ssh(loginOf(storage.machine), quoted(clone.apply));
      assert.equal(made.exitCode, 0, made.stderr);
      const source = diskSource(storage, "g1.qcow2");
      assert.ok(source !== undefined);
      const [address = "", prefix = ""] = (inventory.network.pool ?? "").split("/");
      const fill: Record<string, string> = { address, prefix, gateway: "", hostname: "g1" };
      const definition = domainXml({
        name: "g1",
        memoryMiB: 192,
        vcpus: 1,
        virtType: inventory.virtType === "kvm" ? "kvm" : "qemu",
        arch: "x86_64",
        kernel: image.kernel ?? "",
        initrd: image.initrd ?? "",
        cmdline: (image.cmdline ?? "").replace(/\{(\w+)\}/g, (_, word: string) => fill[word] ?? ""),
        disks: [{ source, format: "qcow2", bus: "virtio", cache: "none", target: "vda" }],
        bridge: inventory.network.bridge,
        mac: "52:54:00:00:00:01",
      });
      await on(0, ["virsh", "-q", "define", "/dev/stdin"], definition);
      await on(0, ["virsh", "-q", "start", "g1"]);
      const guest = { address, hostKey: image.login.hostKey, identityFile: image.login.identityFile ?? "" };
      await until(async () => (await run("ssh-keyscan", ["-T", "1", "-t", "ed25519", address])).stdout !== "", {
        everyMs: 100,
        timeoutMs: 60_000,
        what: "the ssh of the guest",
      });
      assert.match((await ssh(guest, ["cat", "/etc/os-release"])).stdout, /ID=tiny-b/);

      const migrate = (from: number, to: number) =>
        ssh(host(from), [
          ...["virsh", "-q", "migrate", "--live", "--persistent", "--undefinesource", "g1", host(to).peerUri],
          ...["--migrateuri", `tcp://${host(to).migrationAddress}`],
        ]);
      const closed = await migrate(0, 1);
      assert.notEqual(closed.exitCode, 0, "the migration port is closed");
      assert.match(closed.stderr, /refused/);
      // A client's own port may lie among them, one connection in 440: the answers to it must come through.
      const range = await on(0, ["sysctl", "-n", "net.ipv4.ip_local_port_range"]);
      await on(0, ["sysctl", "-q", "net.ipv4.ip_local_port_range='49152 49215'"]);
      assert.match(await on(0, ["virsh", "-q", "-c", host(1).peerUri, "list", "--all"]), /^$/);
      await on(0, ["sysctl", "-q", `net.ipv4.ip_local_port_range='${range}'`]);
      for (const index of [0, 1])
        await on(index, ["iptables", "-I", "INPUT", "-p", "tcp", "--dport", "49152:49215", "-j", "ACCEPT"]);
      for (const [from, to] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const moved = await migrate(from, to);
        assert.equal(moved.exitCode, 0, moved.stderr);
        assert.equal(await on(to, ["virsh", "-q", "domstate", "g1"]), "running");
        assert.equal((await ssh(guest, ["true"])).exitCode, 0);
      }
    });
  });

  it("stands beside another, and goes without it", async () => {
    const names = [newName(), newName()];
    const labs = await Promise.all(names.map((name) => labUp({ name, hosts: 2 })));
    const slots = await Promise.all(names.map(slotNow));
    const [first, second] = await Promise.all(labs.map(readInventory));
    assert.notEqual(first?.hosts[0]?.address, second?.hosts[0]?.address);
    await downLeavesNothing(names[0] ?? "", slots[0]);
    const address = second?.hosts[0]?.address ?? "";
    assert.match(await output("ssh-keyscan", ["-t", "ed25519", address]), /ssh-ed25519/);
    await downLeavesNothing(names[1] ?? "", slots[1]);
  });

  it("leaves the machine as it was", async () => {
    const before = await machine();
    const name = newName();
    await labUp({ name, hosts: 3 });
    await labDown(name);
    const after = await machine();
    // Other labs come and go as they like. Whatever is not theirs counts.
    const others = [...before.labs, ...after.labs].filter((lab) => lab.name !== name);
    assert.deepEqual(withoutLabs(after.lines, others), withoutLabs(before.lines, others));
    assert.deepEqual(
      after.labs.filter((lab) => lab.name === name),
      [],
    );
  });

  for (const afterMs of [0, 20, 60, 120, 200, 300, 450])
    it(`goes after a SIGKILL of whoever makes it, ${afterMs} ms on`, async () => {
      const name = newName();
      const { child, ended } = await labUpElsewhere(name);
      await sleep(afterMs);
      child.kill("SIGKILL");
      await ended;
      await downLeavesNothing(name, await slotNow(name));
    });

  it("half made by a killed process, makes room for the next of its name", async () => {
    const name = newName();
    const { child, ended } = await labUpElsewhere(name);
    await until(async () => (await slotNow(name)) !== undefined, { everyMs: 5, timeoutMs: 20_000, what: "the slot" });
    child.kill("SIGKILL");
    await ended;
    await labUp({ name });
    await downLeavesNothing(name, await slotNow(name));
  });

  it("is not taken down under the hands of who makes it", async () => {
    const name = newName();
    const { ended } = await labUpElsewhere(name);
    const path = join(LABS_FOLDER, name, "id");
    await until(() => readFile(path).then(Boolean, () => false), { everyMs: 2, timeoutMs: 20_000, what: "its key" });
    await assert.rejects(labDown(name), /is being brought up by process/);
    await ended;
    await downLeavesNothing(name, await slotNow(name));
  });

  it("goes after a SIGKILL of a host's first process, of libvirtd and of the NFS server", async () => {
    const name = newName();
    await labUp({ name });
    const slot = await slotNow(name);
    for (const [program, short] of [
      ["tini", "h1"],
      ["libvirtd", "h2"],
      ["ganesha.nfsd", "s1"],
    ] as const) {
      const pids = await pidsOf(program, `ms-${name}-${short}`);
      assert.equal(pids.length, 1, program);
      for (const pid of pids) process.kill(pid, "SIGKILL");
    }
    await downLeavesNothing(name, slot);
  });

  it("refuses names that cannot be one of a host", async () => {
    for (const name of ["", "A", "1a", "a_b", "../x", "a".repeat(17)])
      await assert.rejects(labUp({ name }), { code: "bad-input" });
  });
});

const loginOf = ({ address = "", hostKey = "", identityFile = "" }: Partial<Host>) => ({
  address,
  hostKey,
  identityFile,
});

/** As the harness sends a command: each argument quoted for the shell at the other end. */
const quoted = ({ file, args }: { file: string; args: readonly string[] }): string[] =>
  [file, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
