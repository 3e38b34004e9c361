import assert from "node:assert/strict";
import { type Diagnosis, diagnose } from "../../../../harness/doctor/diagnose.js";
import { peerHost } from "../../../../harness/doctor/peers.js";
import type { MachineSeen, PairSeen } from "../../../../harness/doctor/seen.js";
import type { PeerView } from "../../../../lib/host/peer-view.js";
import type { Survey } from "../../../../lib/host/survey.js";
import { type Inventory, inventorySchema } from "../../../../lib/model/inventory.js";

const inventory = (over: object = {}, host: object = {}): Inventory =>
  inventorySchema.parse({
    hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system`, ...host })),
    images: {},
    network: { bridge: "br0" },
    ...over,
  });

const WELL: Survey = {
  tools: ["flock", "setsid", "timeout", "stdbuf", "virt-install", "tcpdump", "stress", "stress-ng", "libvirtd", "dnf"],
  freeMemoryMiB: 4096,
  links: [],
  addresses: [],
  hasBridge: true,
  leftovers: { domains: [], pools: [], folders: [], rules: [] },
  libvirt: { isUp: true },
  hasKvm: true,
  cpu: { model: "Haswell", features: ["vme", "ss"] },
  room: [],
  disks: [],
};
const VIEW: PeerView = {
  unknownNames: [],
  libvirtSaid: "",
  answersPing: true,
  way: { link: "eth1", mtu: 1500 },
  largestPasses: true,
  portIsOpen: true,
};
const NFS = { inode: "2", fsType: "nfs4", source: "s1:/srv" };
const SHARED = { storage: { kind: "directory", path: "/shared" } };

interface Case {
  readonly inventory?: Inventory;
  readonly first?: Partial<MachineSeen>;
  readonly second?: Partial<MachineSeen>;
  readonly view?: Partial<PeerView>;
  readonly back?: Partial<PeerView>;
}

/** What is told of two hosts that are well but for what is given. */
function told({ inventory: given = inventory(), first, second, view, back }: Case): Diagnosis[] {
  const [one, two] = given.hosts.map((host, index) => ({
    ...{ name: host.name, host, login: host, inventory: given, survey: { ...WELL, hostUuid: `uuid-${index}` } },
    clock: { atLeastMs: -5, atMostMs: 5 },
    ...(index === 0 ? first : second),
  })) as [PairSeen["from"], PairSeen["to"]];
  const [there, backward] = [
    { ...VIEW, ...view },
    { ...VIEW, ...back },
  ];
  return diagnose({
    machines: [one, two],
    pairs: [
      { from: one, to: two, view: there, back: backward, isFirst: true },
      { from: two, to: one, view: backward, back: there, isFirst: false },
    ],
  });
}
const bad = (given: Case): string[] =>
  told(given)
    .filter(({ verdict }) => verdict === "fault" || verdict === "hint")
    .map(({ host, question, verdict, what, mend }) => `${verdict} ${host} ${question}: ${what} -> ${mend}`);
const survey = (over: Partial<Survey>) => ({ survey: { ...WELL, ...over } });

describe("the doctor's judges", () => {
  it("find nothing where all is well", () => assert.deepEqual(bad({}), []));

  it("tell nothing as well of a host that did not answer", () => {
    const gone = told({ second: { survey: undefined, clock: undefined, unanswered: "no answer" } as never });
    assert.deepEqual(
      gone
        .filter(({ host, verdict }) => host === "h2" && verdict !== "unasked")
        .map(({ question }) => question)
        .sort(),
      ["MTU", "host key", "migration network", "migration ports", "names", "peer libvirt", "reached"],
    );
  });

  const found: readonly (readonly [string, Case, RegExp])[] = [
    [
      "sudo that asks for a password",
      { second: survey({ sudo: "refused" }) },
      /^fault h2 sudo: .*-> echo 'root ALL=\(ALL\) NOPASSWD: ALL' > \/etc\/sudoers\.d\/migstorm/,
    ],
    [
      "a tool that is needed",
      { first: survey({ tools: WELL.tools.filter((one) => one !== "flock") }) },
      /^fault h1 tools: flock is missing -> dnf install -y util-linux$/,
    ],
    ["no bridge", { first: survey({ hasBridge: false }) }, /^fault h1 bridge: there is no bridge br0/],
    [
      "a modular libvirt that is down",
      {
        first: survey({
          libvirt: { isUp: false, said: "x" },
          tools: [...WELL.tools.filter((one) => one !== "libvirtd"), "virtqemud"],
        }),
      },
      /-> systemctl enable --now virtqemud\.socket$/,
    ],
    [
      "virt-install that the inventory insists on",
      {
        inventory: inventory({}, { import: "virt-install" }),
        first: survey({ tools: WELL.tools.filter((one) => one !== "virt-install") }),
      },
      /^fault h1 virt-install: .* -> dnf install -y virt-install$/,
    ],
    ...["tcpdump", "stress", "stress-ng"].map((tool): (typeof found)[number] => [
      `no ${tool}, which only some scenarios need`,
      { second: survey({ tools: WELL.tools.filter((one) => one !== tool) }) },
      new RegExp(`^hint h2 \\w+: ${tool} is missing: scenarios that .* cannot run -> dnf install -y ${tool}$`),
    ]),
    [
      "a firewall that is not there",
      {
        inventory: inventory({}, { firewall: "nftables" }),
        first: survey({ tools: [...WELL.tools] }),
        second: survey({ tools: [...WELL.tools, "nft"] }),
      },
      /^fault h1 firewall: nft is missing/,
    ],
    [
      "a CPU that lacks something",
      { second: survey({ cpu: { model: "Haswell", features: ["vme"] } }) },
      /^fault h2 CPU: its CPU lacks what that of h1 has: ss /,
    ],
    [
      "a shared folder that is another one",
      {
        inventory: inventory(SHARED),
        first: survey({ shared: NFS }),
        second: survey({ shared: { ...NFS, inode: "3", source: "s2:/srv" } }),
      },
      /^fault h2 storage: .*the storage is not shared -> umount \/shared && .*mount -t nfs s1:\/srv \/shared$/,
    ],
    [
      "a shared folder that one host has for itself",
      {
        inventory: inventory(SHARED),
        first: survey({ shared: NFS }),
        second: survey({ shared: { inode: "2", fsType: "xfs", source: "/dev/sda1" } }),
      },
      /^fault h2 storage: .*xfs on \/dev\/sda1.* mount -t nfs s1:\/srv \/shared$/,
    ],
    [
      "a shared folder that is missing",
      { inventory: inventory(SHARED), first: survey({ shared: NFS }), second: survey({ shared: "missing" }) },
      /^fault h2 storage: there is no folder \/shared -> mkdir/,
    ],
    [
      "clocks apart, of the host that is further off",
      { first: { clock: { atLeastMs: -60_000, atMostMs: -59_900 } } },
      /^fault h1 clocks: its clock is 59\.9 s apart from that of h2/,
    ],
    [
      "a certificate that is refused",
      {
        inventory: inventory({}, { peerUri: "qemu+tls://h/system" }),
        view: { libvirtSaid: "certificate failed validation" },
      },
      /^fault h2 peer libvirt: .*certificate failed.* -> virsh -c qemu\+tls/,
    ],
    [
      "a path with a smaller MTU than both ends",
      { view: { largestPasses: false } },
      /^fault h1 MTU: packets of the MTU of eth1, 1500, do not reach h2/,
    ],
    [
      "a network on which nobody answers",
      { view: { answersPing: false, portIsOpen: false } },
      /^fault h1 migration network: .*no answer/,
    ],
    [
      "a folder of a job that is gone",
      { first: survey({ leftovers: { ...WELL.leftovers, folders: ["/run/migstorm/job-ab"] } }) },
      /^fault h1 leftovers: .* -> rm -r \/run\/migstorm\/job-ab$/,
    ],
  ];
  for (const [name, given, wanted] of found)
    it(`find ${name}`, () => {
      const lines = bad(given);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", wanted);
    });

  it("ask only hosts for what a load or a capture takes", () => {
    const [host] = inventory().hosts;
    assert.ok(host !== undefined);
    const storage: MachineSeen = { name: "s1", login: host, inventory: inventory(), survey: { ...WELL, tools: [] } };
    const asked = diagnose({ machines: [storage], pairs: [] });
    const verdicts = asked.filter(({ question }) => ["load", "tcpdump"].includes(question));
    assert.deepEqual(
      verdicts.map(({ verdict }) => verdict),
      ["unasked", "unasked"],
    );
  });

  const unreached: readonly (readonly [string, string | undefined, RegExp])[] = [
    [
      "h1: the login password is to be in the environment as PW: export it",
      undefined,
      /^read -rs PW && export PW {2}# here/,
    ],
    ["h1: the socket of the ssh agent is to be in the environment as SSH_AUTH_SOCK: export it", undefined, /ssh-add/],
    ["h1: cannot read the private key /keys/id", undefined, /^ls -l /],
    ["h1: nothing listens on h1:22: is its sshd running?", "refused", /enable --now ssh/],
    ["h1: no such host name: h1", "no-such-name", /^getent hosts h1/],
    ["h1: h1:22 does not let root in", "login", /^ssh-copy-id -p 22 root@h1/],
    ["h1: there is no route to h1:22", "no-route", /^ping -c 3 h1/],
    ["h1: cannot log in to h1:22: odd", "other", /^ssh -p 22 root@h1 true/],
  ];
  for (const [message, reason, wanted] of unreached)
    it(`know what mends "${message}"`, () => {
      const first = { unreached: { message, ...(reason === undefined ? {} : { reason }) } };
      const found = told({ first: { ...first, survey: undefined, clock: undefined } as never });
      const fault = found.find(({ verdict, host }) => verdict === "fault" && host === "h1");
      assert.deepEqual([fault?.question, fault?.what], ["reached", message]);
      assert.match(fault?.mend ?? "", wanted);
    });

  const fine: readonly (readonly [string, Case])[] = [
    [
      "ports that the job opens itself",
      {
        inventory: inventory({}, { firewall: "firewalld" }),
        first: survey({ tools: [...WELL.tools, "firewall-cmd"] }),
        second: survey({ tools: [...WELL.tools, "firewall-cmd"] }),
        view: { portIsOpen: false },
      },
    ],
    ["a ping that a firewall swallows, where the port answers", { view: { answersPing: false, largestPasses: false } }],
    [
      "the same NFS folder under two names",
      {
        inventory: inventory(SHARED),
        first: survey({ shared: NFS }),
        second: survey({ shared: { ...NFS, source: "192.0.2.1:/srv" } }),
      },
    ],
    [
      "other CPUs where guests are emulated",
      { inventory: inventory({ virtType: "qemu" }), second: survey({ cpu: { model: "Skylake", features: [] } }) },
    ],
    ["clocks that may be the same", { first: { clock: { atLeastMs: -900, atMostMs: 900 } } }],
    [
      "guests of a job that is running",
      {
        first: survey({
          owner: {
            isKept: false,
            token: "t",
            lives: true,
            record: { jobId: "j", who: "w", controller: "c", pid: 1, since: "s", reason: "r", resultsDir: "/d" },
          },
          leftovers: { ...WELL.leftovers, domains: ["ms-ab-001-g1"] },
        }),
      },
    ],
  ];
  for (const [name, given] of fine)
    it(`are content with ${name}`, () => {
      assert.deepEqual(
        bad(given).filter((line) => !line.includes(" lock: ")),
        [],
      );
    });

  it("name who keeps a host to be looked at, and the verb that puts it back", () => {
    const record = { jobId: "j", who: "w", controller: "c", pid: 1, since: "s", reason: "kept", resultsDir: "/d x" };
    const kept = { caseId: "s.a", until: "2026-11-21T14:42:00Z" };
    const owned = { isKept: true, token: "t", lives: false, record: { ...record, kept } };
    const first = survey({ owner: owned, leftovers: { ...WELL.leftovers, domains: ["ms-ab-001-g1"] } });
    const mend = "npx migstorm release '/d x'  # on c";
    assert.deepEqual(bad({ first }), [
      `fault h1 lock: h1 is kept for case s.a of j, by w@c, until 2026-11-21T14:42:00Z: \`migstorm release '/d x'\` on c puts it back -> ${mend}`,
      `fault h1 leftovers: kept of an earlier job: the guest ms-ab-001-g1 -> ${mend}`,
    ]);
    const over = survey({ owner: { ...owned, isKept: false } });
    assert.match(bad({ first: over })[0] ?? "", /Its runner is gone.* -> npx migstorm recover /);
  });

  it("read the host out of any peer URI", () =>
    assert.deepEqual(
      [
        "qemu+ssh://root@h1:22/system?x=y",
        "qemu+tcp://[::1]:16509/system",
        "qemu+tls://h1/system",
        "qemu:///system",
      ].map(peerHost),
      ["h1", "::1", "h1", undefined],
    ));
});
