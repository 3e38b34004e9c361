import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { betweenMarks } from "../../../../lib/guest/kernel-mark.js";
import { parseGuestSnapshot } from "../../../../lib/guest/snapshot.js";
import { parseFacts } from "../../../../lib/host/facts.js";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import { addedSince, kernelLogSince, kernelMark } from "../../../../lib/host/kernel-log.js";
import { freeMemoryMiB, memoryWithoutGuestsMiB, parseMemoryWithoutGuests } from "../../../../lib/host/memory.js";
import { runnerUse } from "../../../../lib/host/runner.js";
import { sections } from "../../../../lib/host/sections.js";
import { allowNfs } from "../../../../lib/host/selinux.js";
import { parseSnapshot } from "../../../../lib/host/snapshot.js";
import { parseWatch, watchHost } from "../../../../lib/host/watch.js";
import { localRun } from "../../../../lib/transport/local.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fixture } from "../../../support/fixture.js";

describe("kernel lines", () => {
  it("reads busybox and util-linux alike", () => {
    const [first] = parseKernelLines(fixture("dmesg-busybox/guest-boot.txt"));
    assert.equal(first?.level, 5);
    assert.match(first?.text ?? "", /^Linux version/);
    const host = parseKernelLines(fixture("dmesg-util-linux/host.txt"));
    assert.ok(host.length > 0 && host.every(({ level, text }) => level === 6 && /^(?:br0|vnet\d+): /.test(text)));
  });
  it("takes the level out of the facility, and gives it to lines that go on", () =>
    assert.deepEqual(parseKernelLines("<13>[  1.5] mine\n<3>[    2.000000][    T1] bad\n second half\n"), [
      { level: 5, text: "mine" },
      { level: 3, text: "bad" },
      { level: 3, text: " second half" },
    ]));
});

describe("kernel log of a host", () => {
  const log = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, index) => `<6>[ ${from + index}.000000] line ${from + index}`).join("\n");
  const mark = log(7, 10);
  it("tells what came after the mark", () =>
    assert.deepEqual(addedSince(log(0, 12), mark), {
      added: [
        { level: 6, text: "line 10" },
        { level: 6, text: "line 11" },
      ],
    }));
  it("has nothing to tell when nothing came", () => assert.deepEqual(addedSince(log(0, 10), mark), { added: [] }));
  it("still finds a mark of which the beginning was forgotten", () =>
    assert.deepEqual(addedSince(log(9, 11), mark), { added: [{ level: 6, text: "line 10" }] }));
  it("is lost when the mark is gone", () => {
    assert.ok("lost" in addedSince(log(10, 20), mark));
    assert.ok("lost" in addedSince("", mark));
  });
  it("has the times of its lines in ours, where the host says how long it is up", async () => {
    const saying =
      (stdout: string): Run =>
      async (command) => ({
        ...{ command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 },
      });
    const text = `${log(0, 12)}\n and goes on`;
    assert.equal(await kernelMark(saying(`13.50\n${log(0, 10)}`)), mark);
    const { log: timed, mark: next } = await kernelLogSince(saying(`13.50\n${text}`), mark, () => 60_000);
    assert.deepEqual(timed, {
      added: [
        { level: 6, text: "line 10", atMs: 56_500 },
        { level: 6, text: "line 11", atMs: 57_500 },
        { level: 6, text: " and goes on" },
      ],
    });
    assert.match(next, /and goes on$/);
    const { log: bare } = await kernelLogSince(saying(text), mark, () => 60_000);
    assert.ok("added" in bare && bare.added.length === 3 && bare.added.every((line) => !("atMs" in line)));
  });
  describe("as a real shell reads it", () => {
    /** A machine on which dmesg is this script. */
    const withDmesg = async <T>(script: string, use: (run: Run) => Promise<T>): Promise<T> => {
      const folder = await mkdtemp(join(tmpdir(), "migstorm-dmesg-"));
      try {
        await writeFile(join(folder, "dmesg"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        const here = localRun("h1");
        return await use(({ args, ...command }) =>
          here({ ...command, args: [args[0] ?? "", `PATH=${folder}:$PATH; ${args[1]}`] }),
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    };
    const LONG = "yes '<6>[    1.000000] a line as any other' | head -c 20000000; echo";

    it("has its end, however long it is", () =>
      withDmesg(
        `${LONG}; echo '<6>[ 2.0] old'; [ ! -e "$0.more" ] || echo '<4>[ 3.0] new'; : >"$0.more"`,
        async (run) => {
          const { log } = await kernelLogSince(run, await kernelMark(run), () => 0);
          assert.deepEqual("added" in log && log.added.map(({ text }) => text), ["new"]);
        },
      ));
    it("is told that nobody may read it", () =>
      withDmesg("echo 'dmesg: read kernel buffer failed: Operation not permitted' >&2; exit 1", (run) =>
        assert.rejects(kernelMark(run), /h1: the kernel log cannot be read: dmesg: .*not permitted/),
      ));
  });
  it("takes everything after an empty log", () => assert.deepEqual(addedSince("", ""), { added: [] }));
});

describe("kernel log of a guest", () => {
  const between = "<13>[ 5.0] migstorm mark tok begin\n<4>[ 6.0] hello\n<13>[ 7.0] migstorm mark tok end\n";
  it("is what stands between the marks", () =>
    assert.deepEqual(betweenMarks(between, "tok"), { added: [{ level: 4, text: "hello" }] }));
  it("is lost without one of them", () => {
    assert.ok("lost" in betweenMarks(between.split("\n").slice(1).join("\n"), "tok"));
    assert.ok("lost" in betweenMarks(between.split("\n").slice(0, 2).join("\n"), "tok"));
    assert.ok("lost" in betweenMarks(between, "other"));
    assert.ok("lost" in betweenMarks("", "tok"));
  });
});

describe("what a guest says of itself", () => {
  it("is its boot id and uptime", () =>
    assert.deepEqual(parseGuestSnapshot("b15f81ec-b06a-48c7-b737-e16e25b05620\n14.32 10.00\n"), {
      bootId: "b15f81ec-b06a-48c7-b737-e16e25b05620",
      uptimeS: 14.32,
    }));
  it("is nothing when half of it is missing", () => {
    for (const text of ["", "b15f81ec-b06a-48c7-b737-e16e25b05620\n", "14.32 10.00\n"])
      assert.equal(parseGuestSnapshot(text), undefined);
  });
});

describe("snapshot of a host", () => {
  it("is sorted, and has ports of the migration range only", () => {
    const text = `== domains
b
a
== qemu
guest=a
== listeners
00000000:0016
0100007F:C000
00000000000000000000000000000000:C03F
00000000:C000
00000000:C040
== firewall
ip4 *filter
ip4 :INPUT DROP [1:2]
== end
`;
    assert.deepEqual(parseSnapshot(sections(text)), {
      domains: ["a", "b"],
      qemuProcesses: ["a"],
      migrationListeners: [49152, 49215],
      firewallRules: ["ip4 filter :INPUT DROP"],
    });
  });
});

/** On a machine without libvirt, a virsh that knows no domain. */
const withoutLibvirt =
  (run: Run): Run =>
  ({ args: [flag = "", script = "", ...more], ...command }) =>
    run({ ...command, args: [flag, `virsh() { :; }\n${script}`, ...more] });

describe("what is watched on a host", () => {
  const watched = (text: string) => parseWatch(sections(text));
  it("is read from one answer", () =>
    assert.deepEqual(watched(fixture("watch-debian12/two-guests.txt")), {
      domains: 2,
      qemuProcesses: 2,
      listeningSockets: 4,
      establishedSockets: 6,
      unixSockets: 71,
      daemons: [{ name: "libvirtd", pid: 38, residentKiB: 34_572, files: 33 }],
    }));
  it("is absent where it could not be read, and not zero", () =>
    assert.deepEqual(watched("== domains\n== sockets\n== daemons\nvirtqemud 7 rss= files=0\n== end\n"), {
      domains: 0,
      qemuProcesses: 0,
      daemons: [{ name: "virtqemud", pid: 7 }],
    }));
  it("counts every process of the machine it is asked on, and none where there is no number", async () => {
    const here = openLocal("here");
    const { processes } = await watchHost(withoutLibvirt(here.run), { name: "here", connectUri: "" } as never);
    assert.ok((processes ?? 0) > 1, String(processes));
    assert.equal(watched("== processes\n0\n== end\n").processes, undefined);
  });
  it("counts UNIX sockets, one more for each that somebody opens", async () => {
    const here = openLocal("here");
    const count = async (): Promise<number> => {
      const { unixSockets } = await watchHost(withoutLibvirt(here.run), { name: "here", connectUri: "" } as never);
      return unixSockets ?? Number.NaN;
    };
    const folder = await mkdtemp(join(tmpdir(), "migstorm-sockets-"));
    const before = await count();
    const servers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const server = createServer().listen(join(folder, `${index}.sock`));
        await once(server, "listening");
        return server;
      }),
    );
    try {
      // Others on this machine come and go.
      assert.ok((await count()) >= before + 20);
    } finally {
      for (const server of servers) server.close();
    }
  });
  it("takes the daemon for the daemon, and not its copy that is about to run a program", () =>
    assert.deepEqual(
      watched("== daemons\nlibvirtd 9 rss=900 files=4\nlibvirtd 8 rss=31000 files=27\nlibvirtd 10 rss= files=0\n")
        .daemons,
      [{ name: "libvirtd", pid: 8, residentKiB: 31_000, files: 27 }],
    ));
  it("is refused when the host did not answer to the end", async () => {
    const run = async () => ({ host: "h1", exitCode: 0, stdout: "== domains\n", stderr: "cut off", durationMs: 1 });
    await assert.rejects(watchHost(run as never, { name: "h1" } as never), /h1: cannot look at the host: cut off/);
  });
});

describe("what the runner uses", () => {
  it("is measured after garbage was collected", async () => {
    let garbage: unknown = Array.from({ length: 200_000 }, (_, index) => ({ index }));
    const { heapKiB } = await runnerUse();
    garbage = undefined;
    const after = await runnerUse();
    assert.ok(after.heapKiB < heapKiB - 1_000, `${heapKiB} KiB, ${after.heapKiB} KiB ${garbage}`);
    assert.ok(after.residentKiB > after.heapKiB && (after.files ?? 1) > 0);
  });
});

describe("facts of a host", () => {
  const text = (over: string): string => `== system
Linux h1 6.1.0 x86_64
Debian GNU/Linux 12 (bookworm)
== version
Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU 7.2.22
== capabilities
${over}
== kvm
yes
== memory
MemAvailable:    2097152 kB
== tools
virt-install
stress-ng
== selinux
Enforcing
== daemons
virtproxyd
virtqemud
== end
`;
  it("are read from one answer", () =>
    assert.deepEqual(
      parseFacts("h1", sections(text("<capabilities>\n<host><uuid>6D69-01</uuid></host></capabilities>"))),
      {
        host: "h1",
        system: "Linux h1 6.1.0 x86_64, Debian GNU/Linux 12 (bookworm)",
        libvirtVersion: "9.0.0",
        qemuVersion: "7.2.22",
        virtType: "kvm",
        hostUuid: "6d69-01",
        freeMemoryMiB: 2048,
        hasVirtInstall: true,
        tools: ["stress-ng"],
        seLinux: "enforcing",
        daemons: ["virtproxyd", "virtqemud"],
      },
    ));
  it("need the UUID", () => assert.throws(() => parseFacts("h1", sections(text("<capabilities/>"))), /UUID/));
  it("know the limit of a control group", () => {
    const total = "MemAvailable:    2097152 kB";
    assert.equal(freeMemoryMiB([total, "cgroup max 5 5"]), 2048);
    assert.equal(freeMemoryMiB([total, "cgroup 1073741824 536870912 104857600"]), 612);
    assert.equal(freeMemoryMiB([total, "cgroup 100 5000 "]), 0);
    assert.equal(freeMemoryMiB([]), 0);
  });

  it("counts what guests hold of it as free, for whoever asks what they leave", async () => {
    const found = sections("== memory\nMemAvailable:    2097152 kB\n== qemu\n204800\n102400\nx\n== end\n");
    assert.equal(parseMemoryWithoutGuests(found), 2048 + 300);
    const told = {
      command: { file: "sh", args: [], timeoutMs: 1 },
      host: "h1",
      exitCode: 0,
      stderr: "",
      durationMs: 1,
    };
    await assert.rejects(
      memoryWithoutGuestsMiB(async () => ({ ...told, stdout: "== memory\n" }), []),
      /h1: cannot tell its free memory/,
    );
  });
});

describe("SELinux", () => {
  const saying = (stdout: string) => async (command: never) => ({
    command,
    host: "h1",
    exitCode: 0,
    stdout,
    stderr: "",
    durationMs: 1,
  });
  it("is changed only where it forbids", async () => {
    assert.deepEqual(await allowNfs(saying("") as never, "permissive"), []);
    assert.deepEqual(await allowNfs(saying("virt_use_nfs --> on\n") as never, "enforcing"), []);
    const [change] = await allowNfs(saying("virt_use_nfs --> off\n") as never, "enforcing");
    assert.deepEqual([change?.apply.args.at(-1), change?.undo.args.at(-1)], ["on", "off"]);
  });
});
