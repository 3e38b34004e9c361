import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { Diagnosis } from "../../harness/doctor/diagnose.js";
import { memoryWithoutGuestsMiB } from "../../lib/host/memory.js";
import { acquireLock } from "../../lib/lock/host-lock.js";
import { until } from "../../lib/poll.js";
import type { Remote } from "../../lib/transport/transport.js";
import { assertAsBefore, cli, on, type TestLab, testLab, writeInput } from "../support/lab-job.js";
import { HIDE, SHOW } from "../support/trouble.js";

const LIMIT_MS = 10_000;

/** A fault that is really there while the doctor looks, and what the doctor has to say of it. */
interface Planted {
  readonly name: string;
  /** Makes it, and returns the way back. May hand out another inventory. */
  readonly plant: (lab: TestLab) => Promise<{ readonly inventory?: string; readonly undo?: () => Promise<unknown> }>;
  /** Of which host: the second one, unless it says otherwise. */
  readonly host?: "source" | "target";
  readonly question: string;
  readonly what: RegExp;
  readonly mend: RegExp;
  readonly isHint?: boolean;
  /** What the same fault leads to is told as well. */
  readonly besides?: readonly string[];
}

/** A fault that scripts make on a host and take back. */
const scripted =
  (make: string, undo: string, where: "source" | "target" = "target"): Planted["plant"] =>
  async (lab) => {
    await on(lab[where], make);
    return { undo: () => on(lab[where], undo) };
  };

/** A fault of what the inventory says, against a host that is as it is. */
const written =
  (over: object): Planted["plant"] =>
  async (lab) => {
    const [first, second] = lab.inventory.hosts;
    const hosts = [first, { ...second, ...over }];
    return { inventory: await writeInput(lab, "inventory.yaml", { ...lab.inventory, hosts }) };
  };

/** The first one stays a zombie: the script that started it has become something else. */
const STOP_LIBVIRT = `pid=$(cat /run/libvirtd.pid); kill "$pid"
while { read -r _ _ state _ <"/proc/$pid/stat"; } 2>/dev/null && [ "$state" != Z ]; do sleep 0.05; done`;
const ANSWERS = "until virsh -q -c qemu:///system domcapabilities >/dev/null 2>&1; do sleep 0.05; done";
const START_LIBVIRT = `libvirtd --listen -d >/run/libvirtd.log 2>&1; ${ANSWERS}`;
const RESTART_LIBVIRT = `${STOP_LIBVIRT}; ${START_LIBVIRT}`;

const UUID = "11111111-2222-4333-8444-555555555555";
const LEFT = "ms-0000000-001-g1";
const LEFT_XML = `<domain type='qemu'><name>${LEFT}</name><memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os></domain>`;

const setUuid = (remote: Remote): Promise<string> =>
  on(
    remote,
    `cp /etc/libvirt/libvirtd.conf /run/conf; sed "s/^host_uuid.*/host_uuid = \\"$1\\"/" /run/conf >/etc/libvirt/libvirtd.conf; ${RESTART_LIBVIRT}`,
    UUID,
  );
const resetUuid = (remote: Remote): Promise<string> =>
  on(remote, `cat /run/conf >/etc/libvirt/libvirtd.conf; rm /run/conf; ${RESTART_LIBVIRT}`);

/** A stand-in for a program: first in PATH, on that host alone. Not the real fault, but what it would print. */
const STAND_IN = `mount -t tmpfs tmpfs /usr/local/sbin; printf '%s\\n' "$2" >"/usr/local/sbin/$1"; chmod 755 "/usr/local/sbin/$1"`;
const NO_STAND_IN = "umount /usr/local/sbin";
/** KVM and another processor, on a host that has neither. */
const OTHER_CPU = `#!/bin/sh
case $* in
  *"domcapabilities --virttype kvm"*) exit 0 ;;
  *capabilities*) /usr/bin/virsh "$@" | sed 's|^      <model>.*</model>|      <model>MODEL</model>|' ;;
  *) exec /usr/bin/virsh "$@" ;;
esac`;

const FAULTS: readonly Planted[] = [
  {
    name: "a wrong host key",
    plant: written({ hostKey: `SHA256:${"A".repeat(43)}` }),
    question: "host key",
    what: /shows the host key SHA256:.* pins SHA256:AAAA/,
    mend: /^ssh-keygen -lf .*only if it prints SHA256:/,
  },
  {
    name: "no sudo",
    plant: written({ become: "sudo" }),
    question: "sudo",
    what: /sudo is missing/,
    mend: /install -y sudo/,
  },
  {
    name: "libvirtd down",
    plant: scripted(STOP_LIBVIRT, START_LIBVIRT),
    question: "libvirt",
    what: /does not answer at qemu:\/\/\/system: .*libvirt-sock/,
    mend: /^systemctl enable --now libvirtd$/,
  },
  {
    name: "the TCP listener off",
    plant: scripted(`${STOP_LIBVIRT}; libvirtd -d >/run/libvirtd.log 2>&1; ${ANSWERS}`, RESTART_LIBVIRT),
    question: "peer libvirt",
    what: /does not answer .*-h1 at qemu\+tcp:.*[Cc]onnection refused/,
    mend: /libvirtd-tcp\.socket/,
  },
  {
    name: "equal host UUIDs",
    plant: async ({ source, target }) => {
      await Promise.all([source, target].map(setUuid));
      return { undo: () => Promise.all([source, target].map(resetUuid)) };
    },
    question: "host UUIDs",
    what: /has the same host UUID as .*-h1, 11111111-/,
    mend: /host_uuid/,
  },
  {
    name: "a name that does not resolve",
    host: "source",
    plant: scripted(
      "cp /etc/hosts /run/hosts; grep -v -e '-h2$' /run/hosts >/etc/hosts",
      "cat /run/hosts >/etc/hosts; rm /run/hosts",
      "source",
    ),
    question: "names",
    what: /does not know the name .*-h2/,
    mend: /^echo '198\.18\.\S+ \S+-h2' >> \/etc\/hosts$/,
  },
  {
    name: "migration ports closed, in the lab's own firewall",
    plant: written({ firewall: "none" }),
    question: "migration ports",
    what: /49152-49215 are closed to .*-h1/,
    mend: /^iptables -I INPUT -p tcp --dport 49152:49215 -j ACCEPT/,
  },
  {
    name: "CPU models that differ (a stand-in for virsh: emulated hosts have no CPU of their own)",
    plant: async (lab) => {
      const { source, target } = lab;
      await on(source, STAND_IN, "virsh", OTHER_CPU.replace("MODEL", "Skylake-Server-IBRS"));
      await on(target, STAND_IN, "virsh", OTHER_CPU.replace("MODEL", "Haswell-noTSX-IBRS"));
      return {
        inventory: await writeInput(lab, "kvm.yaml", { ...lab.inventory, virtType: "auto" }),
        undo: () => Promise.all([source, target].map((host) => on(host, NO_STAND_IN))),
      };
    },
    question: "CPU",
    what: /CPU models differ: Haswell-noTSX-IBRS, and Skylake-Server-IBRS on /,
    mend: /hypervisor-cpu-baseline/,
  },
  {
    name: "storage that the host does not reach",
    plant: scripted(
      "iptables -A OUTPUT -p tcp -m multiport --dports 111,2049 -j REJECT --reject-with tcp-reset",
      "iptables -D OUTPUT -p tcp -m multiport --dports 111,2049 -j REJECT --reject-with tcp-reset",
    ),
    question: "base disks",
    what: /the shared storage is not there: cannot open nfs:/,
    mend: /^rpcinfo -T tcp /,
  },
  {
    name: "storage that is a folder of each host",
    plant: async (lab) => ({
      inventory: await writeInput(lab, "own.yaml", {
        ...lab.inventory,
        storage: { kind: "directory", path: "/var/lib/libvirt" },
      }),
    }),
    question: "storage",
    what: /is a folder of its own .*the storage is not shared/,
    mend: /mount -t nfs /,
    besides: ["base disks"],
  },
  {
    name: "clocks apart (a stand-in for date: a namespace has no clock of its own)",
    plant: async ({ target }) => {
      await on(target, STAND_IN, "date", `#!/bin/sh\nexec /usr/bin/date -d '+30 seconds' "$@"`);
      return { undo: () => on(target, NO_STAND_IN) };
    },
    question: "clocks",
    what: /its clock is (29\.\d|30\.\d) s apart from that of .*-h1/,
    mend: /^timedatectl set-ntp true$/,
  },
  {
    name: "a full disk",
    plant: scripted(
      "mount -t tmpfs -o size=2m tmpfs /var/lib/libvirt/images; head -c 2m /dev/zero >/var/lib/libvirt/images/full",
      "umount /var/lib/libvirt/images",
    ),
    question: "room",
    what: /\/var\/lib\/libvirt\/images is full: 0 MiB are free/,
    mend: /^du /,
  },
  {
    name: "too little memory",
    plant: async ({ target }) => {
      const freeMiB = await memoryWithoutGuestsMiB(target.run, []);
      await on(target, 'head -c "$1"m /dev/zero >/dev/shm/full', String(freeMiB - 230));
      return { undo: () => on(target, "rm /dev/shm/full") };
    },
    question: "memory",
    what: /^\d+ MiB of memory are free, the smallest guest needs (?:288|352) MiB/,
    mend: /^ps /,
  },
  {
    name: "no virt-install",
    plant: scripted(HIDE("/usr/bin/virt-install"), SHOW("/usr/bin/virt-install")),
    question: "virt-install",
    what: /virt-install is missing/,
    mend: /^apt-get install -y virtinst$/,
    isHint: true,
  },
  {
    name: "no tcpdump",
    plant: scripted(HIDE("/usr/bin/tcpdump"), SHOW("/usr/bin/tcpdump")),
    question: "tcpdump",
    what: /tcpdump is missing/,
    mend: /^apt-get install -y tcpdump$/,
    isHint: true,
  },
  {
    name: "no stress-ng",
    plant: scripted(HIDE("/usr/bin/stress-ng"), SHOW("/usr/bin/stress-ng")),
    question: "load",
    what: /stress-ng is missing/,
    mend: /^apt-get install -y stress-ng$/,
    isHint: true,
  },
  {
    name: "leftovers of an earlier job",
    plant: async ({ target }) => {
      await on(target, 'printf %s "$1" | virsh -q -c qemu:///system define /dev/stdin', LEFT_XML);
      return { undo: () => on(target, "virsh -q -c qemu:///system undefine $1", LEFT) };
    },
    question: "leftovers",
    what: new RegExp(`the guest ${LEFT}`),
    mend: new RegExp(`virsh -c qemu:///system undefine ${LEFT}`),
  },
  {
    name: "a foreign lock",
    plant: async ({ target }) => {
      const record = {
        ...{ jobId: "job-other", who: "somebody", controller: "elsewhere", pid: 4711, reason: "a night run" },
        ...{ since: "2026-11-20T22:00:00Z", resultsDir: "/home/somebody/job-results/job-other" },
      };
      const lock = await acquireLock(target, "a-token-of-theirs", record);
      return { undo: lock.release };
    },
    question: "lock",
    what: /is in use by job-other of somebody .*Its runner is alive/,
    mend: /^kill -INT 4711 {2}# on elsewhere/,
  },
  {
    name: "the migration network down",
    plant: scripted("ip link set eth1 down", "ip link set eth1 up"),
    question: "migration network",
    what: /the migration network is down: eth1, which has 198\.19\./,
    mend: /^ip link set dev eth1 up$/,
  },
  {
    name: "an MTU mismatch",
    plant: scripted("ip link set eth1 mtu 9000", "ip link set eth1 mtu 1500"),
    question: "MTU",
    what: /eth1 has 9000, eth1 of .*-h1 has 1500/,
    mend: /^ip link set dev eth1 mtu 1500$/,
  },
  {
    name: "a host that does not answer, which does not keep the others from being looked at",
    plant: (lab) => written({ address: lab.inventory.hosts[0]?.address?.replace(/\d+$/, "250") })(lab),
    question: "reached",
    what: /did not answer within|no route to/,
    mend: /^ping /,
  },
];

describe("the doctor", function () {
  this.timeout(120_000);
  let lab: TestLab;
  before(async () => {
    lab = await testLab(1500);
  });
  after(() => lab?.down());

  async function look(inventory = lab.inventoryPath) {
    const startMs = performance.now();
    const { exitCode, stdout, stderr } = await cli("doctor", "--json", "--inventory", inventory);
    const durationMs = performance.now() - startMs;
    assert.equal(stderr, "");
    assert.ok(durationMs < LIMIT_MS, `it took ${durationMs} ms`);
    const answers = JSON.parse(stdout) as Diagnosis[];
    return { exitCode, answers, bad: answers.filter(({ verdict }) => verdict === "fault" || verdict === "hint") };
  }

  it("finds nothing in a lab that is well, and changes nothing", async () => {
    const { exitCode, bad, answers } = await look();
    assert.deepEqual([exitCode, bad], [0, []]);
    assert.ok(answers.filter(({ verdict }) => verdict === "ok").length >= 40);
    await assertAsBefore(lab);
  });

  for (const { name, plant, host = "target", question, what, mend, isHint = false, besides = [] } of FAULTS)
    it(`finds ${name}`, async () => {
      const { inventory, undo } = await plant(lab);
      try {
        const { exitCode, answers, bad } = await look(inventory);
        const found = bad.find((one) => one.question === question && one.host === lab[host].name);
        assert.ok(found !== undefined, JSON.stringify(bad));
        assert.match(found.what, what);
        assert.match(found.mend ?? "", mend);
        assert.deepEqual([exitCode, found.verdict], isHint ? [0, "hint"] : [1, "fault"]);
        const others = bad.filter((one) => one.question !== question && !besides.includes(one.question));
        assert.deepEqual(others, [], "one fault is told as one");
        assert.ok(answers.some((one) => one.host === lab.source.name && one.verdict === "ok"));
      } finally {
        await undo?.();
      }
    });

  it("sends the finder of a dead job's lock to recover", async () => {
    const record = {
      ...{ jobId: "job-dead", who: "somebody", controller: "elsewhere", pid: 4711, reason: "a night run" },
      ...{ since: "2026-11-20T22:00:00Z", resultsDir: "/home/some body/job-dead" },
    };
    const lock = await acquireLock(lab.target, "a-dead-token", record);
    await lock.abandon();
    try {
      const { bad } = await look();
      assert.deepEqual(
        bad.map(({ question, mend }) => [question, mend]),
        [["lock", "npx migstorm recover '/home/some body/job-dead'  # on elsewhere"]],
      );
    } finally {
      await on(lab.target, "rm /run/migstorm/owner; rm -f /run/migstorm/alive-*");
    }
  });

  it("finds nothing any more once all is mended, and left nothing", async () => {
    const isWell = async (): Promise<boolean> => (await look()).bad.length === 0;
    await until(isWell, { everyMs: 500, timeoutMs: 10_000, what: "the lab to be well again" });
    await assertAsBefore(lab);
  });
});
