import assert from "node:assert/strict";
import { booting } from "../../../../harness/checks/booting.js";
import { compression } from "../../../../harness/checks/compression.js";
import { guestKernelLog } from "../../../../harness/checks/guest-kernel-log.js";
import { hostKernelLog } from "../../../../harness/checks/host-kernel-log.js";
import { CHECKS, judge } from "../../../../harness/checks/index.js";
import { load } from "../../../../harness/checks/load.js";
import { memory } from "../../../../harness/checks/memory.js";
import { mode } from "../../../../harness/checks/mode.js";
import { outcome } from "../../../../harness/checks/outcome.js";
import { overlap } from "../../../../harness/checks/overlap.js";
import { place } from "../../../../harness/checks/place.js";
import { reachable } from "../../../../harness/checks/reachable.js";
import { residue } from "../../../../harness/checks/residue.js";
import { silence } from "../../../../harness/checks/silence.js";
import { singleActive } from "../../../../harness/checks/single-active.js";
import { statistics } from "../../../../harness/checks/statistics.js";
import { uptime } from "../../../../harness/checks/uptime.js";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import type { Boot, BootEvidence, Evidence, KernelLine, KernelLog } from "../../../../lib/model/check.js";
import type { LoadEvidence, LoadSighting } from "../../../../lib/model/load-evidence.js";
import type { JobStats } from "../../../../lib/model/migration.js";
import { cpuMs } from "../../../support/cpu.js";
import { fixture } from "../../../support/fixture.js";
import { event, evidence, evidenceWith, guest, host, params, record } from "./build.js";
import { type Row, table } from "./table.js";

const one = (over: Parameters<typeof record>[1]): Evidence => evidence({ migrations: [record(1, over), record(2)] });
const without = <T extends object>(from: T, key: keyof T): T => {
  const { [key]: _, ...rest } = from;
  return rest as T;
};

/** Two migrations that are given up after five seconds, and what the first came to. */
const given = (expected: "failed" | "completed-or-timeout", over: Parameters<typeof record>[1] = {}): Evidence =>
  evidenceWith(
    { expect: { outcome: expected }, migration: { timeout: 5000, timeoutAction: "abort" } },
    { migrations: [record(1, over), record(2, expected === "failed" ? { outcome: "failed" } : {})] },
  );

table("outcome", outcome, [
  ["all completed", evidence(), "PASS"],
  [
    "one failed",
    one({ outcome: "failed", error: "Connection refused" }),
    "FAIL",
    /g1, leg 1: failed \(Connection refused\)/,
  ],
  ["one failed without a word", one({ outcome: "failed", error: "" }), "FAIL", /g1, leg 1: failed \(nobody told why\)/],
  ["one took too long", one({ outcome: "aborted" }), "FAIL"],
  ["one is unknown", one({ outcome: "unknown" }), "ERROR"],
  [
    "given up at its timeout, as it was to",
    given("failed", { outcome: "aborted" }),
    "PASS",
    /1 of|failed, as expected/,
  ],
  [
    "given up at its timeout, as it might be",
    given("completed-or-timeout", { outcome: "aborted" }),
    "WARN",
    /given up at its timeout: nobody told why/,
  ],
  ["completed before its timeout, as it might be", given("completed-or-timeout"), "PASS"],
  ["failed before its timeout", given("completed-or-timeout", { outcome: "failed" }), "FAIL"],
  ["one was not started", one({ outcome: "not-started", error: "no ping" }), "ERROR", /no ping/],
  [
    "failed outranks unknown",
    evidence({ migrations: [record(1, { outcome: "unknown" }), record(2, { outcome: "failed" })] }),
    "FAIL",
    /^g1, leg 2/,
  ],
  ["a record is missing", evidence({ migrations: [record(1)] }), "ERROR", /g1, leg 2: there is no record/],
  ["a leg is missing", evidence({ legs: evidence().legs.slice(0, 1) }), "ERROR", /1 of 2 legs/],
  ["no legs", evidence({ legs: [], migrations: [] }), "ERROR"],
  [
    "expected to fail, failed",
    evidenceWith(
      { expect: { outcome: "failed" } },
      { migrations: [record(1, { outcome: "failed" }), record(2, { outcome: "failed" })] },
    ),
    "PASS",
  ],
  ...(
    [
      ["for the reason that was meant", "unable to connect to 16509", "PASS", /as expected/],
      [
        "for another reason",
        "no space left",
        "FAIL",
        /g1, leg 1: failed with "no space left", expected "unable to connect"/,
      ],
      ["for a reason that nobody told", undefined, "ERROR", /nobody told why/],
      ["without a word", "it said nothing, signal 9", "ERROR", /nobody told why/],
      ["without a word, as older results have it", "", "ERROR", /nobody told why/],
    ] as const
  ).map(([name, error, status, message]): Row => {
    const failed = { outcome: "failed", ...(error === undefined ? {} : { error }) } as const;
    const given = { outcome: "failed", error: "unable to connect" } as const;
    const migrations = [record(1, failed), record(2, failed)];
    return [`expected to fail, failed ${name}`, evidenceWith({ expect: given }, { migrations }), status, message];
  }),
  ["expected to fail, completed", evidenceWith({ expect: { outcome: "failed" } }), "FAIL"],
  [
    "expected to fail, had to be aborted",
    evidenceWith(
      { expect: { outcome: "failed" } },
      { migrations: [record(1, { outcome: "failed" }), record(2, { outcome: "aborted" })] },
    ),
    "ERROR",
  ],
]);

table("place", place, [
  ["moved", evidence(), "PASS"],
  ["left on the source, shut off", one({ after: { source: "shut off", target: "running" } }), "FAIL", /left on h1/],
  ["running on both", one({ after: { source: "running", target: "running" } }), "FAIL"],
  ["paused on the target", one({ after: { source: "absent", target: "paused" } }), "FAIL", /paused on h2/],
  ["nobody looked", evidence({ migrations: [without(record(1), "after"), record(2)] }), "ERROR"],
  ["a failed one stayed", one({ outcome: "failed", after: { source: "running", target: "absent" } }), "PASS"],
  [
    "a failed one left something on the target",
    one({ outcome: "failed", after: { source: "running", target: "shut off" } }),
    "FAIL",
    /left on h2/,
  ],
  [
    "a failed one is paused on the source",
    one({ outcome: "failed", after: { source: "paused", target: "absent" } }),
    "FAIL",
  ],
  ["in the end on the wrong host", evidence({ guests: [guest({ finalHosts: ["h2"] })] }), "FAIL"],
  ["in the end on both", evidence({ guests: [guest({ finalHosts: ["h1", "h2"] })] }), "FAIL", /h1 and h2/],
  ["in the end nowhere", evidence({ guests: [guest({ finalHosts: [] })] }), "FAIL", /nowhere/],
  ["in the end nobody looked", evidence({ guests: [without(guest(), "finalHosts")] }), "ERROR"],
  ["nothing was tried", evidence({ migrations: [record(1, { outcome: "not-started" })] }), "ERROR"],
  ["no guests", evidence({ guests: [], migrations: [] }), "ERROR"],
]);

const pings = (before: number, after: number): Evidence =>
  evidence({
    guests: [guest({ before: { ...guest().before!, pings: before }, after: { ...guest().after!, pings: after } })],
  });
table("reachable", reachable, [
  ["all answered", evidence(), "PASS"],
  ["some lost", pings(5, 3), "WARN", /3 of 5 pings after/],
  ["none answered", pings(5, 0), "FAIL"],
  ["none before", pings(0, 5), "FAIL", /before/],
  ["not looked at afterwards", evidence({ guests: [without(guest(), "after")] }), "ERROR"],
  ["no guests", evidence({ guests: [] }), "ERROR"],
]);

const silent = (longestMs: number, answeredAfter = true): Evidence =>
  one({ silence: { ...record(1).silence!, longestMs, answeredAfter } });
table("silence", silence, [
  ["short", evidence(), "PASS", /at most 60 ms/],
  ["at the limit", silent(30_000), "PASS"],
  ["longer than the limit", silent(30_001), "FAIL", /30001 ms, the limit is 30000 ms/],
  ["suspicious", evidenceWith({ limits: { warnDowntime: 50 } }), "WARN"],
  ["never answered again", silent(12_000, false), "FAIL"],
  ["not watched", evidence({ migrations: [without(record(1), "silence"), record(2)] }), "ERROR"],
  [
    "too long outranks not watched",
    evidence({
      migrations: [without(record(1), "silence"), record(2, { silence: { ...record(1).silence!, longestMs: 40_000 } })],
    }),
    "FAIL",
  ],
  ["nothing was tried", evidence({ migrations: [without(record(1), "startMs")] }), "ERROR"],
  ["no migrations", evidence({ migrations: [] }), "ERROR"],
]);

const up = (uptimeS: number, bootId = guest().after!.bootId!): Evidence =>
  evidence({ guests: [guest({ after: { ...guest().after!, uptimeS, bootId } })] });
table("uptime", uptime, [
  ["grew with the time", evidence(), "PASS"],
  ["stood still for five seconds", up(25.5), "PASS"],
  ["lost more", up(15), "WARN", /grew by 10.0 s in 25.0 s/],
  ["ran ahead", up(50), "WARN"],
  ["another boot", up(30, "other"), "FAIL", /boot id/],
  ["went back", up(4), "FAIL"],
  [
    "stood still while it was silent",
    evidence({
      guests: [guest({ after: { ...guest().after!, uptimeS: 15 } })],
      migrations: [record(1, { silence: { ...record(1).silence!, longestMs: 12_000 } })],
    }),
    "PASS",
  ],
  ["not known", evidence({ guests: [without(guest(), "before")] }), "ERROR"],
  [
    "not told any more",
    evidence({ guests: [guest({ after: { atMs: 30_000, pings: 0 } })] }),
    "ERROR",
    /after the last/,
  ],
  ["no guests", evidence({ guests: [] }), "ERROR"],
]);

const BROKEN = [
  "Call Trace:",
  "------------[ cut here ]------------",
  "Oops: 0000 [#1] SMP PTI",
  "Internal error: Oops: 96000004 [#1] SMP",
  "BUG: unable to handle page fault for address: ffff",
  "BUG: kernel NULL pointer dereference, address: 0000000000000008",
  "kernel BUG at mm/slub.c:379!",
  "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [kworker:1]",
  "NMI watchdog: Watchdog detected hard LOCKUP on cpu 3",
  "WARNING: CPU: 0 PID: 1 at kernel/rcu/tree.c:123 foo+0x1/0x2",
  "WARNING: kernel/rcu/tree.c:123 at foo+0x1/0x2, CPU#0: swapper/1",
  "WARNING: possible circular locking dependency detected",
  "general protection fault, probably for non-canonical address 0xdead: 0000 [#1]",
  "rcu: INFO: rcu_sched self-detected stall on CPU",
  "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
  "INFO: task jbd2/vda1-8:123 blocked for more than 120 seconds.",
  "blk_update_request: I/O error, dev vda, sector 2048",
  "Buffer I/O error on dev vda1, logical block 0, async page read",
  "EXT4-fs error (device vda1): ext4_find_entry:1614: inode #2",
  "EXT4-fs (vda1): Remounting filesystem read-only",
  "XFS (vda1): Metadata corruption detected at xfs_agf_read_verify",
  "Out of memory: Killed process 123 (stress-ng)",
  "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/",
  "Kernel panic - not syncing: Fatal exception",
  "list_del corruption. prev->next should be ffff",
  "UBSAN: shift-out-of-bounds in fs/x.c:1:2",
];
const HARMLESS = [
  "EXT4-fs (vda1): re-mounted. Opts: errors=remount-ro",
  "EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.",
  "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.",
  "br0: port 2(vnet0) entered forwarding state",
  "vnet0: entered promiscuous mode",
  "WARNING: The mand mount option has been deprecated and",
  "DEBUG: something",
  "perf: interrupt took too long (2501 > 2500), lowering kernel.perf_event_max_sample_rate",
  "kvm [123]: ignored rdmsr: 0x122",
  "hrtimer: interrupt took 5123 ns",
  "systemd[1]: Started Process error reports when automatic reporting is enabled",
  "RCU stall detection is on",
  'audit: type=1400 apparmor="DENIED"',
];
const SUSPICIOUS = [
  "sshd[12]: segfault at 0 ip 0000 sp 0000 error 4 in libc.so",
  "clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable because the skew is too large:",
];
const said = (level: number, text: string) =>
  evidence({ guests: [guest({ kernelLog: { added: [{ level, text }] } })] });
table("guest-kernel-log", guestKernelLog, [
  ["quiet", evidence(), "PASS"],
  ...BROKEN.map((text): Row => [text, said(4, text), "FAIL"]),
  ...HARMLESS.map((text): Row => [text, said(4, text), "PASS"]),
  ...SUSPICIOUS.map((text): Row => [text, said(4, text), "WARN"]),
  ["something critical that nobody knows", said(2, "CPU0: Core temperature above threshold"), "WARN"],
  ["lost", evidence({ guests: [guest({ kernelLog: { lost: "it was cleared" } })] }), "ERROR", /it was cleared/],
  ["no guests", evidence({ guests: [] }), "ERROR"],
]);
table("host-kernel-log", hostKernelLog, [
  ["quiet", evidence(), "PASS"],
  [
    "broken",
    evidence({ hosts: [host("h1", { kernelLog: { added: [{ level: 4, text: BROKEN[0]! }] } })] }),
    "FAIL",
    /^h1/,
  ],
  ["lost", evidence({ hosts: [host("h1", { kernelLog: { lost: "gone" } }), host("h2")] }), "ERROR"],
  [
    "cut off",
    evidence({ hosts: [host("h1", { kernelLog: { added: [], cutOff: "too much" } })] }),
    "ERROR",
    /^h1: .*too much/,
  ],
  [
    "broken before it was cut off",
    evidence({ hosts: [host("h1", { kernelLog: { added: [{ level: 4, text: BROKEN[0]! }], cutOff: "too much" } })] }),
    "FAIL",
    /its kernel says .*; h1: its kernel log is not whole: too much/,
  ],
  ["no hosts", evidence({ hosts: [] }), "ERROR"],
]);

const LOAD = { load: [{ on: "guests" as const, tool: "stress" as const, args: ["--cpu", "4"] }] };
const sighted = (...sightings: readonly (number | "dead" | "unknown")[]): LoadEvidence => ({
  place: "g1",
  tool: "stress",
  pid: 7,
  startTicks: 8,
  sightings: sightings.map((seen, index) => ({
    atMs: 5_000 + index * 10_000,
    when: index === 0 ? "before" : `after leg ${index}`,
    alive: seen !== "dead",
    ...(typeof seen === "number" ? { cpuS: seen } : {}),
  })),
});
const loaded = (...loads: LoadEvidence[]): Evidence => evidenceWith(LOAD, { load: loads });
table("load", load, [
  ["ran throughout", loaded(sighted(1, 5, 9)), "PASS"],
  ["died", loaded(sighted(1, 5, "dead")), "ERROR", /not running after leg 2, was last seen after leg 1/],
  ["never ran", loaded(sighted("dead", "dead")), "ERROR", /never seen/],
  ["used no CPU", loaded(sighted(1, 1, 1)), "ERROR", /no CPU time/],
  ["CPU time unknown", loaded(sighted("unknown", "unknown")), "ERROR"],
  ["looked at once", loaded(sighted(1)), "ERROR"],
  ["not looked at after the last leg", loaded(sighted(1, 5)), "ERROR", /nobody could look at it after the last leg/],
  [
    "not looked at before the first leg",
    loaded({ ...sighted(1, 5, 9), sightings: sighted(1, 5, 9).sightings.slice(1) }),
    "ERROR",
    /nobody could look at it before the first leg/,
  ],
  [
    "not looked at between two legs",
    loaded({ ...sighted(1, 5, 9), sightings: sighted(1, 5, 9).sightings.filter((_, index) => index !== 1) }),
    "ERROR",
    /nobody could look at it between leg 1 and leg 2/,
  ],
  ["not started", loaded(), "ERROR"],
  ["one of two", evidenceWith({ ...LOAD, guests: { count: 2 } }, { load: [sighted(1, 2, 3)] }), "ERROR", /1 of 2/],
]);

table("statistics", statistics, [
  ["all told", evidence(), "PASS"],
  ["none told", evidence({ migrations: [without(record(1), "stats")] }), "ERROR", /no figures/],
  ["some missing", one({ stats: { totalTimeMs: 1, iterations: 2 } }), "ERROR", /did not tell downtime, data processed/],
  [
    "no downtime after postcopy, but the silence was observed",
    one({ stats: { totalTimeMs: 1, dataProcessedBytes: 2, iterations: 3, postcopyRequests: 4 } }),
    "WARN",
    /did not tell downtime of a migration that went to postcopy/,
  ],
  [
    "no downtime after postcopy that an event tells of",
    evidence({
      migrations: [record(1, { stats: { totalTimeMs: 1, dataProcessedBytes: 2, iterations: 3, postcopyRequests: 0 } })],
      events: [event(record(1).endMs! - 1, "h2", "Resumed Post-copy")],
    }),
    "WARN",
    /did not tell downtime of a migration that went to postcopy/,
  ],
  ...[true, false].map((migrating): Row => {
    const stats = { totalTimeMs: 1, dataProcessedBytes: 2, iterations: 3, postcopyRequests: 4 };
    const migrations = [without(record(1, { stats }), "silence")];
    return [
      `no downtime after postcopy of a guest that nobody watched, ${migrating ? "booting" : "up"}`,
      evidenceWith({ booting: { migrating } }, { migrations }),
      migrating ? "WARN" : "ERROR",
      /did not tell downtime/,
    ];
  }),
  [
    "no downtime after precopy",
    one({ stats: { totalTimeMs: 1, dataProcessedBytes: 2, iterations: 3, postcopyRequests: 0 } }),
    "ERROR",
    /did not tell downtime/,
  ],
  ["zero is a figure", one({ stats: { ...record(1).stats!, reportedDowntimeMs: 0 } }), "PASS"],
  ["nothing completed", evidence({ migrations: [record(1, { outcome: "failed" })] }), "ERROR"],
]);

/** Two legs with nothing between them, and one host that told nothing of the first. */
const legsWithout = (silentHost: string): Evidence =>
  evidence({
    migrations: [record(1), record(2, { startMs: 11_010, endMs: 12_000 })],
    events: [
      event(1000, "h1", "Started Booted"),
      event(10_100, "h2", "Started Migrated"),
      event(10_800, "h1", "Suspended Migrated"),
      event(10_850, "h2", "Resumed Migrated"),
      event(11_000, "h1", "Stopped Migrated"),
    ]
      .filter(({ host: teller, atMs }) => teller !== silentHost || atMs < 10_000)
      .concat(
        event(11_100, "h1", "Started Migrated"),
        event(11_800, "h2", "Suspended Migrated"),
        event(11_850, "h1", "Resumed Migrated"),
        event(11_900, "h2", "Stopped Migrated"),
      ),
  });
/** There, back and there again in 0.3 s each. */
const quickLegs = (...events: Evidence["events"]): Evidence =>
  evidence({
    migrations: [
      record(1, { startMs: 500, endMs: 1000 }),
      record(2, { startMs: 1010, endMs: 1400 }),
      record(3, { startMs: 1410, endMs: 1800 }),
    ],
    events: [event(100, "h1", "Started Booted"), ...events],
  });
/** A migration that failed because libvirtd of a host was ended, and what was told of its guest. */
const paused = (host: string, events: Evidence["events"]): Evidence =>
  evidence({
    migrations: [record(1, { outcome: "failed" })],
    events,
    eventPauses: [{ host, fromMs: 10_400, toMs: 11_700 }],
  });
table("single-active", singleActive, [
  ["one after the other", evidence(), "PASS"],
  [
    "a stamp that came late is no proof",
    evidence({
      migrations: [record(1)],
      events: [
        event(1000, "h1", "Started Booted"),
        event(10_000, "h2", "Resumed Migrated"),
        event(10_900, "h1", "Suspended Migrated"),
      ],
    }),
    "PASS",
  ],
  [
    "both ran for long",
    evidence({
      events: [
        event(1000, "h1", "Started Booted"),
        event(10_000, "h2", "Resumed Migrated"),
        event(12_000, "h1", "Suspended Migrated"),
      ],
    }),
    "FAIL",
    /h1 and h2 for 2000 ms/,
  ],
  [
    "a guest that was taken over, and that could not leave: nothing tells of it",
    evidence({ guests: [guest({ takenOverOn: "h1" })], migrations: [record(1, { outcome: "failed" })], events: [] }),
    "PASS",
  ],
  [
    "one that was started for the case, and of which nothing tells",
    evidence({ migrations: [record(1, { outcome: "failed" })], events: [] }),
    "ERROR",
    /g1: libvirt told no event of it/,
  ],
  [
    "a guest that was taken over ran where it was from the beginning",
    evidence({
      guests: [guest({ takenOverOn: "h1" })],
      events: [event(10_000, "h2", "Resumed Migrated"), event(12_000, "h1", "Suspended Migrated")],
    }),
    "FAIL",
    /h1 and h2 for 2000 ms/,
  ],
  [
    "both ran until the end of events",
    evidence({
      events: [
        event(1000, "h1", "Started Booted"),
        event(10_000, "h2", "Resumed Migrated"),
        event(12_000, "h2", "Stopped Destroyed"),
      ],
    }),
    "FAIL",
  ],
  [
    "a target that waits does not run",
    evidence({
      migrations: [record(1, { endMs: 90_500 })],
      events: [
        event(1000, "h1", "Started Booted"),
        event(2000, "h2", "Started Migrated"),
        event(90_000, "h1", "Suspended Migrated"),
        event(90_050, "h2", "Resumed Migrated"),
      ],
    }),
    "PASS",
  ],
  ["found on both", one({ after: { source: "running", target: "running" } }), "FAIL"],
  ["answered twice", one({ silence: { ...record(1).silence!, duplicates: 3 } }), "WARN", /3 pings/],
  ["a gap", evidence({ eventGaps: ["h2: the event stream ended early"] }), "ERROR"],
  [
    "a gap in which the end on the source was not told is no proof of two",
    evidence({
      eventGaps: ["h1: the event stream ended early"],
      events: [
        event(1000, "h1", "Started Booted"),
        event(10_000, "h2", "Resumed Migrated"),
        event(20_000, "h2", "Stopped Migrated"),
      ],
    }),
    "ERROR",
  ],
  [
    "libvirtd of the source was away, and the target told that it did not run the guest",
    paused("h1", [event(1000, "h1", "Started Booted"), event(10_100, "h2", "Started Migrated")]),
    "PASS",
    /^no guest ran on two hosts at once; without events of h1 for 1\.3 s, while its libvirtd was away$/,
  ],
  [
    "libvirtd of the target was away while the guest ran on the source",
    paused("h2", [event(1000, "h1", "Started Booted"), event(10_100, "h2", "Started Migrated")]),
    "WARN",
    /^g1, leg 1: h2 told no events for 1\.3 s, its libvirtd being away: that the guest ran on h1 alone is not proven/,
  ],
  [
    "libvirtd of a host was away before the guest migrated",
    { ...evidence(), eventPauses: [{ host: "h2", fromMs: 5000, toMs: 6000 }] },
    "PASS",
    /without events of h2 for 1\.0 s/,
  ],
  [
    "libvirtd of the source was away when the guest left it: what was not told is no proof of two",
    paused("h1", [
      event(1000, "h1", "Started Booted"),
      event(10_600, "h2", "Resumed Migrated"),
      event(20_000, "h2", "Stopped Destroyed"),
    ]),
    "WARN",
    /ran on h2 alone is not proven/,
  ],
  [
    "the source tells after its libvirtd was away that the guest leaves it, long after it ran on the target",
    paused("h1", [
      event(1000, "h1", "Started Booted"),
      event(12_000, "h2", "Resumed Migrated"),
      event(15_000, "h1", "Suspended Migrated"),
    ]),
    "FAIL",
    /h1 and h2 for 3000 ms/,
  ],
  [
    "the source had switched to postcopy before its libvirtd was away, and is stopped long after",
    paused("h1", [
      event(1000, "h1", "Started Booted"),
      event(9000, "h1", "Suspended Post-copy"),
      event(9050, "h2", "Resumed Post-copy"),
      event(20_000, "h1", "Stopped Migrated"),
    ]),
    "WARN",
    /ran on h2 alone is not proven/,
  ],
  [
    "the target waited for the memory before its libvirtd was away, and is stopped long after",
    paused("h2", [
      event(1000, "h1", "Started Booted"),
      event(10_100, "h2", "Started Migrated"),
      event(20_000, "h2", "Stopped Failed"),
    ]),
    "WARN",
    /ran on h1 alone is not proven/,
  ],
  ["the source told nothing", legsWithout("h1"), "ERROR", /^g1, leg 1: h1 told no event of the guest leaving it$/],
  ["the target told nothing", legsWithout("h2"), "ERROR", /^g1, leg 1: h2 told no event of the guest running there$/],
  ["both told in the end", legsWithout("nobody"), "PASS"],
  [
    "what was told long after is not of this migration",
    evidence({ migrations: [record(1), record(2, { startMs: 30_000, endMs: 31_000 })] }),
    "ERROR",
    /g1, leg 2: h2 told no event of the guest leaving it; g1, leg 2: h1 told no/,
  ],
  [
    "what the same hosts told of the next time that way is not of this one",
    quickLegs(
      event(1300, "h2", "Suspended Migrated"),
      event(1310, "h1", "Resumed Migrated"),
      event(1700, "h1", "Suspended Migrated"),
      event(1710, "h2", "Resumed Migrated"),
    ),
    "ERROR",
    /^g1, leg 1: h1 told no event of the guest leaving it; g1, leg 1: h2 told no event of the guest running there$/,
  ],
  [
    "what was told before the word was given is not of this one",
    evidence({
      migrations: [record(2)],
      events: [
        ...evidence().events.slice(0, -3),
        event(19_900, "h2", "Suspended Migrated"),
        event(19_950, "h1", "Resumed Migrated"),
      ],
    }),
    "ERROR",
    /g1, leg 2: h2 told no event of the guest leaving it/,
  ],
  [
    "events that come late, while the guest is on its way back",
    quickLegs(
      event(1010, "h1", "Suspended Migrated"),
      event(1060, "h2", "Resumed Migrated"),
      event(1500, "h2", "Suspended Migrated"),
      event(1510, "h1", "Resumed Migrated"),
      event(1800, "h1", "Suspended Migrated"),
      event(1810, "h2", "Resumed Migrated"),
    ),
    "PASS",
  ],
  [
    "libvirtd was away in another leg than the one that was not tried",
    evidence({
      migrations: [record(1), { guest: "g1", leg: 2, source: "h2", target: "h1", outcome: "not-started", error: "no" }],
      eventPauses: [{ host: "h1", fromMs: 12_000, toMs: 13_000 }],
    }),
    "PASS",
  ],
  [
    "one that failed has moved nothing",
    evidence({ migrations: [record(1, { outcome: "failed" })], events: [event(1000, "h1", "Started Booted")] }),
    "PASS",
  ],
  ["no events", evidence({ events: [] }), "ERROR"],
  ["no guests", evidence({ guests: [], events: [], migrations: [] }), "ERROR", /nothing to judge/],
]);

const MOVES = ["g1", "g2"].map((name) => ({ guest: name, from: "h1", to: "h2" }));
const parallel = (pattern: "simultaneous" | "cross", ...records: readonly ReturnType<typeof record>[]): Evidence =>
  evidenceWith(
    { movement: { pattern }, guests: { count: 2 } },
    { legs: [{ number: 1, width: 2, moves: MOVES, startMs: 0, endMs: 1 }], migrations: records },
  );
table("overlap", overlap, [
  ["at the same time", parallel("simultaneous", record(1), record(1, { guest: "g2" })), "PASS"],
  [
    "one after the other",
    parallel("simultaneous", record(1), record(1, { guest: "g2", startMs: 11_000, endMs: 12_000 })),
    "ERROR",
    /leg 1: of 2/,
  ],
  [
    "one ran while libvirt ended the QEMU that the other had left, its guest running on the target already",
    {
      ...parallel(
        "simultaneous",
        record(1, { stats: { totalTimeMs: 500 } }),
        record(1, { guest: "g2", startMs: 10_800, endMs: 12_000, stats: { totalTimeMs: 1100 } }),
      ),
      events: [event(10_700, "h2", "Resumed Migrated"), event(11_950, "h2", "Resumed Migrated", { guest: "g2" })],
    },
    "ERROR",
    /leg 1: of 2/,
  ],
  [
    "only virsh overlapped, not the jobs",
    parallel(
      "simultaneous",
      record(1, { stats: { totalTimeMs: 100 } }),
      record(1, { guest: "g2", startMs: 10_950, endMs: 12_000, stats: { totalTimeMs: 100 } }),
    ),
    "ERROR",
  ],
  ["both directions", parallel("cross", record(1), record(1, { guest: "g2", source: "h2", target: "h1" })), "PASS"],
  ["one direction only", parallel("cross", record(1), record(1, { guest: "g2" })), "ERROR", /opposite directions/],
  ["one was not tried", parallel("simultaneous", record(1), without(record(1, { guest: "g2" }), "startMs")), "ERROR"],
  ["no wide leg", evidence(), "ERROR"],
]);

const left = (over: Partial<NonNullable<ReturnType<typeof host>["after"]>>): Evidence =>
  evidence({ hosts: [host("h1"), host("h2", { after: { ...host("h2").after!, ...over } })] });
table("residue", residue, [
  ["as before", evidence(), "PASS"],
  ["a domain", left({ domains: ["web", "g1"] }), "FAIL", /h2: domains are left: g1/],
  [
    "a guest for the next case",
    {
      ...left({ domains: ["web", "g1"], qemuProcesses: ["g1"] }),
      guests: [guest({ expectedHost: "h2" })],
      areGuestsLeft: true,
    },
    "PASS",
  ],
  [
    "what a guest for the next case left on the other host",
    { ...left({ qemuProcesses: ["web", "g1"] }), areGuestsLeft: true },
    "FAIL",
    /h2: QEMU still runs for g1/,
  ],
  ["a QEMU process", left({ qemuProcesses: ["g1"] }), "FAIL"],
  ["a listener", left({ migrationListeners: [49152] }), "FAIL"],
  ["a rule of ours", left({ firewallRules: ["a", "b", "accept comment migstorm-ab12cd3"] }), "ERROR"],
  ["a rule is gone", left({ firewallRules: ["a"] }), "ERROR", /- b/],
  ["a rule of somebody else", left({ firewallRules: ["a", "b", "b"] }), "WARN"],
  ["a domain of somebody else", left({ domains: ["web", "db"], qemuProcesses: ["db"] }), "PASS"],
  ["not looked at", evidence({ hosts: [without(host("h1"), "after"), host("h2")] }), "ERROR"],
  ["no hosts", evidence({ hosts: [] }), "ERROR"],
  ["a load that has ended", evidence({ load: [{ ...sighted(1, 2), place: "h1", leftProcesses: 0 }] }), "PASS"],
  [
    "a load on a host",
    evidence({ load: [{ ...sighted(1, 2), place: "h1", leftProcesses: 2 }] }),
    "ERROR",
    /^h1: stress still runs: 2 processes of session 7$/,
  ],
  [
    "a load nobody could look at",
    evidence({ load: [{ ...sighted(1, 2), place: "h1", leftProcesses: "unknown" }] }),
    "ERROR",
    /nobody could look/,
  ],
  ["a load that went with its guest", evidence({ load: [sighted(1, 2)] }), "PASS"],
  [
    "a load in a guest for the next case",
    evidence({ load: [{ ...sighted(1, 2), leftProcesses: 1 }], areGuestsLeft: true }),
    "ERROR",
    /^g1: stress still runs/,
  ],
  [
    "a load in such a guest of a time when nobody looked",
    evidence({ load: [sighted(1, 2)], areGuestsLeft: true }),
    "PASS",
  ],
]);

const STRESS = { stress: { tool: "stress" as const, hosts: "source" as const, hostMemory: "short" as const } };
const held = (residentMiB: number, over: Partial<LoadEvidence> = {}, restarts?: number): Evidence =>
  evidenceWith(STRESS, {
    load: [
      {
        place: "h1",
        tool: "stress",
        pid: 1,
        startTicks: 1,
        memoryMiB: 1000,
        leftMiB: 950,
        isShort: true,
        sightings: [1, 2, 3].map((cpuS) => ({
          atMs: cpuS * 10_000 - 5_000,
          when: `after leg ${cpuS}`,
          alive: true,
          cpuS,
          residentMiB,
          ...(restarts === undefined ? {} : { restarts }),
        })),
        ...over,
      },
    ],
  });
/** Sightings as `held` has them, before a first leg from 10 s on and after each of the legs. */
const seenAs = (load: Partial<LoadEvidence>, ...sightings: readonly Partial<LoadSighting>[]): Evidence => {
  const whole = held(990, load);
  const changed = whole.load.map((one) => ({
    ...one,
    sightings: one.sightings.map((seen, index) => ({ ...seen, ...sightings[index] })),
  }));
  return { ...whole, load: changed };
};
const HALF = { isShort: false };
table("load that holds memory", load, [
  ["held it", held(990, HALF), "PASS"],
  ["never held it", held(700, HALF), "ERROR", /held 700 MiB after leg 1, 1000 MiB were wanted/],
  ["did not hold it before the first leg", seenAs(HALF, { residentMiB: 700 }), "ERROR", /held 700 MiB after leg 1,/],
  ["let it go in between", seenAs(HALF, {}, { residentMiB: 20 }), "ERROR", /held 20 MiB after leg 2,/],
  ["let it go at last", seenAs(HALF, {}, {}, { residentMiB: 799 }), "ERROR", /held 799 MiB after leg 3,/],
  ["had it moved out to swap", seenAs(HALF, {}, { residentMiB: 20, swappedMiB: 970 }), "PASS"],
  [
    "was still being filled long before the first leg",
    held(990, {
      ...HALF,
      sightings: [1, 2, 3, 4].map((cpuS) => ({
        atMs: (cpuS - 1) * 10_000 - 5_000,
        when: "",
        alive: true,
        cpuS,
        residentMiB: cpuS === 1 ? 20 : 990,
      })),
    }),
    "PASS",
  ],
]);

const plain = (...sightings: readonly Partial<LoadSighting>[]): Evidence => {
  const [first, ...others] = loaded(sighted(1, 5, 9)).load;
  const seen = (first?.sightings ?? []).map((one, index) => ({ workers: 4, ...one, ...sightings[index] }));
  return loaded({ ...sighted(), ...first, workers: 4, sightings: seen }, ...others);
};
/** The second leg takes 0.3 s, and a third one as much. */
const withShortLeg = (...sightings: readonly Partial<LoadSighting>[]): Evidence => {
  const whole = plain();
  const [one, two] = whole.legs;
  assert.ok(one !== undefined && two !== undefined);
  const cpuS = [1, 5, 5, 5];
  const seen = sightings.map((sighting, index) => ({
    when: index === 0 ? "before" : `after leg ${index}`,
    cpuS: cpuS[index] ?? 5,
    workers: 4,
    alive: true,
    atMs: 0,
    ...sighting,
  }));
  return {
    ...whole,
    legs: [
      { ...one, startMs: 10_000, endMs: 19_000 },
      { ...two, startMs: 20_000, endMs: 20_300 },
      { ...two, number: 3, startMs: 20_500, endMs: 20_800 },
    ],
    load: whole.load.map((load) => ({ ...load, sightings: seen })),
  };
};
const untold = ({ load, ...rest }: Evidence): Evidence => ({
  ...rest,
  load: load.map((one) => without(one, "workers")),
});
table("load of plain workers", load, [
  ["ran with all of them", plain(), "PASS"],
  ["has helpers besides", plain({ workers: 9 }), "PASS"],
  ["was not counted in one sighting", plain({}, { workers: undefined as never }), "PASS"],
  ["lost one", plain({}, { workers: 3 }), "ERROR", /3 of 4 workers ran after leg 1/],
  ["lost one at last", plain({}, {}, { workers: 3 }), "ERROR", /3 of 4 workers ran after leg 2/],
  ["began with too few", plain({ workers: 0 }), "ERROR", /0 of 4 workers ran before/],
  ["had one stopped", plain({}, { workers: 4, stopped: 1 }), "ERROR", /1 of its processes were stopped after leg 1/],
  [
    "stood still in the second leg",
    plain({}, {}, { cpuS: 5 }),
    "ERROR",
    /no CPU time between after leg 1 and after leg 2/,
  ],
  ["stood still in the first leg", plain({}, { cpuS: 1 }), "ERROR", /no CPU time between before and after leg 1/],
  [
    "stood still for less than a second",
    withShortLeg({ atMs: 9_000 }, { atMs: 19_900 }, { atMs: 20_400, cpuS: 5 }, { atMs: 21_200, cpuS: 6 }),
    "PASS",
  ],
  [
    "stood still for two short legs",
    withShortLeg({ atMs: 9_000 }, { atMs: 19_900 }, { atMs: 20_400, cpuS: 5 }, { atMs: 21_200, cpuS: 5 }),
    "ERROR",
    /no CPU time between after leg 1 and after leg 3 \(5 s at both\)/,
  ],
]);
table("load of other workers", load, [
  ["may pause", untold(plain({}, { cpuS: 1 })), "PASS"],
  ["may end some, and stop some", untold(plain({}, { workers: 1, stopped: 1 })), "PASS"],
  ["has none that runs", untold(plain({}, { workers: 0, stopped: 5 })), "ERROR", /5 of its processes were stopped/],
]);

const report = (victim: string, group = "/h1"): KernelLine[] => [
  { level: 4, text: "stress invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=1000" },
  { level: 4, text: "CPU: 1 UID: 0 PID: 6865 Comm: stress Not tainted 6.1.0" },
  { level: 4, text: "Call Trace:" },
  {
    level: 6,
    text: `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=${group},task_memcg=${group},task=${victim},pid=69,uid=0`,
  },
  { level: 3, text: `Memory cgroup out of memory: Killed process 69 (${victim}) total-vm:64828kB, anon-rss:61440kB` },
];
const OOM = (victim: string): KernelLog => ({ added: report(victim) });
const struck = (...logs: KernelLog[]): Evidence => ({
  ...held(990),
  hosts: logs.map((kernelLog, index) => ({ ...host(`h${index + 1}`), kernelLog })),
});
/** As kernels before 5.1 tell it: whom they chose, and then whom of its children they struck. */
const OLDER = (victim: string, group?: string): KernelLog => {
  const whose = group === undefined ? "Out" : "Memory cgroup out";
  const texts = [
    "stress invoked oom-killer: gfp_mask=0x14280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=(null), order=0",
    "Call Trace:",
    ...(group === undefined ? [] : [`Task in ${group} killed as a result of limit of ${group}`]),
    `${whose} of memory: Kill process 68 (stress) score 968 or sacrifice child`,
    `Killed process 69 (${victim}) total-vm:64828kB, anon-rss:61440kB, file-rss:0kB, shmem-rss:0kB`,
  ];
  return { added: texts.map((text) => ({ level: 3, text })) };
};
const lastTwo = (log: KernelLog): KernelLog => ("added" in log ? { added: log.added.slice(-2) } : log);
const none: KernelLog = { added: [] };
const TRACE: KernelLine = { level: 4, text: "Call Trace:" };
table("memory", memory, [
  ["struck nobody", struck(none, none), "PASS", /nobody/],
  ["struck the load", struck(OOM("stress"), none), "PASS", /struck the load, 1 times/],
  [
    "struck a guest",
    struck(OOM("qemu-system-x86"), none),
    "FAIL",
    /h1: memory of the control group \/h1 ran out.*qemu-system-x86 \(69\)/,
  ],
  ["struck the load, on an older kernel", struck(OLDER("stress", "/h1"), none), "PASS", /struck the load, 1 times/],
  [
    "struck a guest, on an older kernel",
    struck(OLDER("qemu-kvm", "/h1"), none),
    "FAIL",
    /h1: memory of the control group \/h1 ran out.*qemu-kvm \(69\)/,
  ],
  [
    "struck a guest of a machine, on an older kernel",
    struck(OLDER("qemu-kvm"), none),
    "FAIL",
    /^h1: .*qemu-kvm \(69\)/,
  ],
  ["struck libvirt", struck(none, OOM("libvirtd")), "FAIL", /^h2/],
  ["struck a stranger", struck(OOM("sshd"), none), "WARN"],
  ["a log that cannot tell", struck(none, { lost: "cleared" }), "ERROR", /^h2: whom .* cleared$/],
  ["a log that is cut off", struck({ ...none, cutOff: "too much" }, none), "ERROR", /^h1: whom .* too much$/],
  ["no load at all", { ...struck(none, none), load: [] }, "ERROR"],
]);
const ended = (restarts: number, strikes: number, tool = "stress", over: Partial<LoadEvidence> = {}): Evidence => ({
  ...held(700, { tool, ...over }, restarts),
  hosts: [host("h1", { kernelLog: { added: Array(strikes).fill(report(tool)).flat() } }), host("h2")],
});
table("load that is short of memory", load, [
  ["was ended by the shortage that it made", ended(2, 2), "PASS"],
  ["had several workers struck at once", ended(1, 3, "stress-ng-vm"), "PASS"],
  ["was ended by somebody else, too", ended(2, 1), "ERROR", /was ended 2 times, by the OOM killer 1 times/],
  ["only others were struck", { ...ended(1, 0), hosts: [host("h1", { kernelLog: OOM("perl") })] }, "ERROR"],
  [
    "it was struck on the other host only",
    { ...ended(1, 0), hosts: [host("h2", { kernelLog: OOM("stress") })] },
    "ERROR",
  ],
  ["the log cannot tell", { ...ended(1, 0), hosts: [host("h1", { kernelLog: { lost: "cleared" } })] }, "ERROR"],
  ["was ended without being short", ended(2, 2, "stress", { isShort: false }), "ERROR", /was ended 2 times/],
]);
/** Struck at these times; between the second and the third look the shell that starts it again is all that ran. */
function offInSecondLeg(firstMs: number, secondMs?: number, freeMiB = 400): Evidence {
  const whole = ended(1, 0);
  const at = [firstMs, ...(secondMs === undefined ? [] : [secondMs])];
  const added = at.flatMap((atMs) => report("stress").map((line) => ({ ...line, atMs })));
  return {
    ...whole,
    hosts: [host("h1", { kernelLog: { added } }), host("h2")],
    load: whole.load.map((one) => ({
      ...one,
      sightings: one.sightings.map((seen, index) => ({ ...seen, freeMiB, cpuS: [1, 5, 5.05][index] ?? 0 })),
    })),
  };
}
/** The last leg takes a second, is looked at just behind it, and then once more at the end. */
function offInShortLastLeg(): Evidence {
  const whole = offInSecondLeg(4_000);
  return {
    ...whole,
    legs: whole.legs.map((leg, index) => (index === 1 ? { ...leg, startMs: 15_100, endMs: 16_000 } : leg)),
    load: whole.load.map((one) => ({
      ...one,
      sightings: one.sightings.flatMap((seen, index) =>
        index === 2
          ? [
              { ...seen, atMs: 16_200 },
              { ...seen, when: "after" },
            ]
          : [seen],
      ),
    })),
  };
}
const free = (...freesMiB: readonly number[]): Evidence =>
  seenAs({}, ...freesMiB.map((freeMiB, index) => ({ freeMiB, residentMiB: 990 + index })));
table("load that is to make memory short", load, [
  ["left nothing once", free(400, 12, 400), "PASS"],
  [
    "always left something",
    free(400, 60, 400),
    "ERROR",
    /memory was never short: held 992 MiB, 950 MiB were left at first and 60 MiB at least, nobody was struck/,
  ],
  ["was moved out to swap", seenAs({}, { freeMiB: 400 }, { freeMiB: 300, swappedMiB: 90 }), "PASS"],
  ["had a page of it moved out", seenAs({}, { freeMiB: 400 }, { freeMiB: 300, swappedMiB: 1 }), "ERROR", /never short/],
  [
    "was struck, and its tool told nobody",
    { ...free(400, 300, 400), hosts: [host("h1", { kernelLog: OOM("stress-ng-vm") }), host("h2")] },
    "PASS",
  ],
  [
    "was struck on the other host only",
    { ...free(400, 300, 400), hosts: [host("h1"), host("h2", { kernelLog: OOM("stress") })] },
    "ERROR",
    /never short/,
  ],
  ["was struck while it had no workers", ended(2, 2, "stress", { workers: 4 }), "PASS"],
  [
    "was struck before the first leg, and off in the second",
    offInSecondLeg(4_000),
    "ERROR",
    /was off from after leg 2 to/,
  ],
  ["was off in a short last leg", offInShortLastLeg(), "ERROR", /was off from after leg 2 to after, /],
  ["was struck in that leg", offInSecondLeg(4_000, 21_000), "PASS"],
  ["had nothing left to take behind it", offInSecondLeg(4_000, undefined, 10), "PASS"],
  ["is of a time when nobody asked what was left", held(990), "PASS"],
]);
table("host kernel log under stress", hostKernelLog, [
  ["the report of a strike is not a fault of the kernel", struck(OOM("stress"), none), "PASS"],
  ["that of an older kernel is none either", struck(OLDER("stress", "/h1"), none), "PASS"],
  [
    "that of an older kernel, of which the beginning was left out, is none either",
    struck(lastTwo(OLDER("stress")), none),
    "PASS",
  ],
  [
    "a strike of which only the last line was written is none either",
    struck({ added: [...report("stress"), ...report("stress").slice(-1)] }, none),
    "PASS",
  ],
  ["a call trace of its own is", struck({ added: [...report("stress"), TRACE] }, none), "FAIL", /Call Trace/],
  [
    "a call trace in the middle of a report is not",
    struck({ added: [TRACE, ...report("stress")].slice(1) }, none),
    "PASS",
  ],
]);
const FAILURE: KernelLine[] = [
  {
    level: 4,
    text: "vhost-2811: page allocation failure: order:0, mode:0x40820(GFP_ATOMIC|__GFP_COMP), nodemask=(null)",
  },
  { level: 4, text: "CPU: 1 PID: 2811 Comm: vhost-2811 Not tainted 6.1.0" },
  TRACE,
];
const HUNG: KernelLine[] = [
  { level: 3, text: "INFO: task khugepaged:41 blocked for more than 120 seconds." },
  { level: 6, text: "task:khugepaged state:D stack:0 pid:41" },
  TRACE,
];
const shortOn = (hosts: "source" | "target" | "both", ...added: KernelLine[]): Evidence =>
  evidenceWith(
    { stress: { tool: "stress", hosts, hostMemory: "short" } },
    { hosts: [host("h1", { kernelLog: { added } }), host("h2")] },
  );
table("host kernel log of a host that is made short", hostKernelLog, [
  [
    "allocations fail and tasks wait",
    shortOn("both", ...FAILURE, ...HUNG),
    "WARN",
    /^h1: short of memory, as it is to be, its kernel says "vhost-2811: .*", "INFO: task khugepaged.* seconds\."$/,
  ],
  ["a trace of its own is a fault", shortOn("source", ...FAILURE, TRACE), "FAIL", /^h1: its kernel says "Call Trace:"/],
  ["a trace before is, too", shortOn("source", TRACE, ...FAILURE), "FAIL", /^h1: its kernel says "Call Trace:"/],
  ["the other host is the short one", shortOn("target", ...HUNG), "FAIL", /^h1: its kernel says "INFO: task/],
  ["nobody is struck and nothing is said", shortOn("source"), "PASS"],
]);
table("host kernel log without stress", hostKernelLog, [
  [
    "somebody else's group was short",
    evidence({ hosts: [host("h1", { kernelLog: OOM("java") }), host("h2")] }),
    "WARN",
    /^h1: memory of the control group \/h1 ran out, and the OOM killer struck java \(69\)$/,
  ],
  [
    "it was short so often that only last lines were written",
    evidence({ hosts: [host("h1", { kernelLog: { added: report("java").slice(-1) } }), host("h2")] }),
    "WARN",
    /java/,
  ],
  [
    "two guests were struck, in a group with a long name",
    evidence({
      hosts: [
        host("h1", {
          kernelLog: {
            added: ["qemu-system-x86", "qemu-kvm"].flatMap((victim) =>
              report(victim, `/machine.slice/${"x".repeat(200)}.scope`),
            ),
          },
        }),
        host("h2"),
      ],
    }),
    "FAIL",
    /^h1: .* struck qemu-system-x86 \(69\); h1: .* struck qemu-kvm \(69\)$/,
  ],
  [
    "the machine itself was short",
    evidence({
      hosts: [
        host("h1", {
          kernelLog: { added: [{ level: 3, text: "Out of memory: Killed process 7 (java) total-vm:1kB" }] },
        }),
        host("h2"),
      ],
    }),
    "FAIL",
    /^h1: memory of the machine ran out, and the OOM killer struck java \(7\)$/,
  ],
]);

const STRIKES: KernelLog = { added: parseKernelLines(fixture("dmesg-util-linux/two-strikes.txt")) };
const GROUPS = ["/migstorm-two-h1", "/migstorm-two-h2"] as const;
/** Hosts that share a kernel, each as the control group that it is. */
const sharing = (log: KernelLog, groups: readonly (string | undefined)[] = GROUPS): Evidence => ({
  ...struck(...groups.map(() => log)),
  hosts: groups.map((controlGroup, index) => ({
    ...host(`h${index + 1}`, { kernelLog: log }),
    ...(controlGroup === undefined ? {} : { controlGroup }),
  })),
});
const unstressed = ({ hosts }: Evidence): Evidence => evidence({ hosts });
const toTail = (evidence: Evidence): Evidence => ({
  ...evidence,
  load: evidence.load.map((one) => ({
    ...one,
    tool: "tail",
    sightings: one.sightings.map((seen) => ({ ...seen, restarts: 2 })),
  })),
});
describe("strikes on hosts that share a kernel", () => {
  const kills = (given: Evidence): number | undefined => memory(given).measured?.oomKills;
  it("are counted once, each for the host whose it is", () => {
    assert.equal(kills(sharing(STRIKES)), 2);
    assert.match(memory(sharing(STRIKES)).message, /h1: .*h1 ran out.*; h2: .*h2 ran out/);
  });
  it("are counted for every host that is a machine of its own", () =>
    assert.equal(kills(sharing(STRIKES, [undefined, undefined])), 4));
  it("are counted once where the report names no group", () => {
    const lastLines = { added: "added" in STRIKES ? STRIKES.added.filter(({ text }) => /Killed/.test(text)) : [] };
    assert.equal(kills(sharing(lastLines)), 2);
  });
  it("are not known to be all where the log was cut off", () => {
    const cut = sharing({ added: [], cutOff: "too much" });
    for (const check of [memory, hostKernelLog]) assert.match(check(cut).message, /^h1: .* too much; h2: .* too much$/);
  });
  it("are nothing to a third host", () => {
    const third = sharing(STRIKES, ["/migstorm-two-h", "/migstorm-other"]);
    assert.equal(memory(third).status, "PASS");
    assert.equal(hostKernelLog(third).status, "PASS");
    assert.equal(hostKernelLog(unstressed(third)).status, "PASS");
  });
  it("are of a host also in a group below its own", () => {
    const below: KernelLog = { added: report("sshd", "/migstorm-two-h1/web") };
    assert.equal(kills(sharing(below)), 1);
  });
  it("leave a call trace that is no report, which may be anybody's", () => {
    const traced = { added: [...("added" in STRIKES ? STRIKES.added : []), TRACE] };
    assert.equal(hostKernelLog(sharing(traced, ["/migstorm-other"])).status, "FAIL");
  });
  it("excuse the end of a load only on its own host", () => {
    assert.match(load(toTail(sharing(STRIKES))).message, /was ended 2 times, by the OOM killer 1 times/);
    assert.equal(load(toTail(sharing(STRIKES, [undefined, undefined]))).status, "PASS");
  });
});

const BOOTING = { booting: { besides: 1 } };
const beside = (...boots: Boot[]): BootEvidence => ({ guest: "b1", host: "h1", isMigrating: false, boots });
const withBoots = (...boots: BootEvidence[]): Evidence => evidenceWith(BOOTING, { boots });
table("booting beside", booting, [
  ["through both legs", withBoots(beside({ startMs: 9_000, loginMs: 25_000 })), "PASS"],
  [
    "in boots that follow each other",
    withBoots(beside({ startMs: 9_000, loginMs: 10_500 }, { startMs: 10_600, loginMs: 30_000 })),
    "PASS",
  ],
  [
    "up during a leg",
    withBoots(beside({ startMs: 9_000, loginMs: 15_000 }, { startMs: 40_000 })),
    "ERROR",
    /^g1, leg 2: b1 was not booting/,
  ],
  ["never up", withBoots(beside({ startMs: 9_000 })), "ERROR", /never came up/],
  [
    "up once, and then it may have hung",
    withBoots(beside({ startMs: 9_000, loginMs: 15_000 }, { startMs: 15_100 })),
    "ERROR",
    /^g1, leg 2: b1 was not booting/,
  ],
  [
    "not watched",
    withBoots({ ...beside({ startMs: 9_000, loginMs: 30_000 }), lost: "ssh broke" }),
    "ERROR",
    /ssh broke/,
  ],
  ["not there", withBoots(), "ERROR", /0 of 1/],
]);
const until = (unreachableUntilMs: number): Evidence =>
  withBoots(
    beside(
      { startMs: 9_000, unreachableUntilMs, loginMs: 15_000 },
      { startMs: 15_100, unreachableUntilMs: 24_000, loginMs: 25_000 },
    ),
  );
table("booting beside, by what was tried in vain", booting, [
  ["in vain while it ran", until(10_500), "PASS"],
  ["in vain until just before it ran, then a login that hung", until(9_990), "ERROR", /^g1, leg 1: b1 was not booting/],
]);
const AT_ONCE = { guests: { count: 2 }, movement: { pattern: "simultaneous" as const } };
const itself = (...boots: Boot[]): Evidence =>
  evidenceWith({ booting: { migrating: true } }, { boots: [{ guest: "g1", host: "h1", isMigrating: true, boots }] });
/** The word at 10 s, libvirt's job from 14 to 15 s, then 0.2 s until virsh has ended. */
const once = (...boots: Boot[]): Evidence => ({
  ...itself(...boots),
  migrations: [record(1, { startMs: 10_000, endMs: 15_200, stats: { totalTimeMs: 1000 } })],
  events: [event(15_000, "h2", "Resumed Migrated")],
});
table("booting while it migrates", booting, [
  ["up after each leg", itself({ startMs: 9_900, loginMs: 12_000 }, { startMs: 19_900, loginMs: 22_000 }), "PASS"],
  [
    "up before it left",
    itself({ startMs: 8_000, loginMs: 9_900 }, { startMs: 19_900, loginMs: 22_000 }),
    "ERROR",
    /^g1, leg 1: was up \d+ ms before/,
  ],
  [
    "nobody waited until the end",
    itself({ startMs: 9_900, loginMs: 12_000 }, { startMs: 19_900 }),
    "ERROR",
    /^g1, leg 2: nobody could see whether it came up/,
  ],
  [
    "never up again",
    itself({ startMs: 9_900, loginMs: 12_000 }, { startMs: 19_900, waitedMs: 60_000 }),
    "FAIL",
    /^g1, leg 2: did not come up/,
  ],
  ["not reset", itself({ startMs: 19_900, loginMs: 22_000 }), "ERROR", /leg 1: was not reset/],
  [
    "up after the word was given, but before libvirt moved it",
    once({ startMs: 9_900, loginMs: 10_500 }),
    "ERROR",
    /^g1, leg 1: was up 3500 ms before it left$/,
  ],
  ["up while libvirt moved it", once({ startMs: 9_900, loginMs: 14_500 }), "PASS"],
  [
    "a login that hung: it may have been up before libvirt moved it",
    once({ startMs: 9_900, unreachableUntilMs: 13_000, loginMs: 22_000 }),
    "ERROR",
    /^g1, leg 1: came up about when it left: nothing shows that it was still booting in the 1000 ms before$/,
  ],
  [
    "a login that hung, but was refused while libvirt moved it",
    once({ startMs: 9_900, unreachableUntilMs: 14_100, loginMs: 22_000 }),
    "PASS",
  ],
]);

const squeezed = (stats: Partial<JobStats>): Evidence =>
  evidenceWith({ migration: { compression: "xbzrle" } }, { migrations: [record(1, { stats })] });
table("compression", compression, [
  ["pages were compressed", squeezed({ compressionCacheBytes: 64, compressionPages: 3 }), "PASS"],
  [
    "pages were looked for",
    squeezed({ compressionCacheBytes: 64, compressionPages: 0, compressionCacheMisses: 9 }),
    "PASS",
  ],
  ["nothing was looked for", squeezed({ compressionCacheBytes: 64, compressionPages: 0 }), "ERROR", /no page/],
  ["off", squeezed({ compressionCacheBytes: 0 }), "ERROR", /it was off/],
  ["not told", squeezed({}), "ERROR", /tells nothing/],
  ["nothing completed", evidenceWith({ migration: { compression: "xbzrle" } }, { migrations: [] }), "ERROR"],
]);

const TIMEOUT = { migration: { timeout: 500 } };
const POSTCOPY = { migration: { mode: "postcopy" as const } };
const SWITCHES = [event(10_500, "h2", "Resumed Post-copy"), event(20_500, "h2", "Suspended Post-copy")];
const pass = (number: number, atMs: number) =>
  event(atMs, "h1", `iteration: '${number}'`, { event: "migration-iteration" });
/** One migration of 20 s without a switch. */
const passing = (...events: Evidence["events"]): Evidence =>
  evidenceWith(POSTCOPY, { migrations: [record(1, { endMs: 30_000, stats: { totalTimeMs: 20_000 } })], events });
table("mode", mode, [
  ["switched by its events", evidenceWith(POSTCOPY, { events: SWITCHES }), "PASS"],
  [
    "switched by its figures",
    evidenceWith(POSTCOPY, { migrations: [record(1, { stats: { postcopyRequests: 4 } })] }),
    "PASS",
  ],
  ["over before the switch", evidenceWith(POSTCOPY), "WARN", /finished in precopy/],
  [
    "an event of another leg does not count",
    evidenceWith(POSTCOPY, { events: SWITCHES.slice(0, 1) }),
    "WARN",
    /^g1, leg 2/,
  ],
  [
    "went on for long after its first pass",
    passing(pass(2, 11_000), pass(3, 24_000)),
    "ERROR",
    /^g1, leg 1: .* switch to postcopy, 19 s after it was due$/,
  ],
  ["was over soon after its first pass", passing(pass(1, 10_000), pass(2, 22_000), pass(3, 29_000)), "WARN", /precopy/],
  ["tells nothing of its passes", passing(), "WARN", /precopy/],
  ["passes of the target's are not its own", passing({ ...pass(2, 11_000), host: "h2" }), "WARN", /precopy/],
  ["not known", evidenceWith(POSTCOPY, { eventGaps: ["h1: gone"] }), "ERROR"],
  ["nothing completed", evidenceWith(POSTCOPY, { migrations: [] }), "ERROR"],
]);

const SECOND = { migration: { timeout: 1000, timeoutAction: "postcopy" as const } };
/** A switch at a timeout of one second, and a leg for each of these lengths of libvirt's job. */
const atTimeout = (tookMs: readonly number[], ...events: Evidence["events"]): Evidence =>
  evidenceWith(SECOND, {
    migrations: tookMs.map((totalTimeMs, index) =>
      record(index + 1, { endMs: (index + 1) * 10_000 + totalTimeMs + 50, stats: { totalTimeMs } }),
    ),
    events,
  });
const SWITCHED_FIRST = event(10_950, "h1", "Suspended Post-copy");
table("mode, with a switch at a timeout", mode, [
  [
    "all were over before it",
    evidenceWith({ migration: { timeout: 60_000, timeoutAction: "postcopy" } }),
    "WARN",
    /^g1, leg 1: finished in precopy before the switch to postcopy; g1, leg 2: finished in precopy before the switch/,
  ],
  [
    "none switched, though one took a little longer than its timeout",
    atTimeout([900, 2400]),
    "WARN",
    /leg 1: finished in precopy before the switch to postcopy; .*leg 2: finished in precopy before the switch/,
  ],
  [
    "the timeout passed without a switch",
    atTimeout([11_000]),
    "WARN",
    /^g1, leg 1: finished in precopy, nothing shows a switch to postcopy$/,
  ],
  [
    "it went on for long after the timeout without a switch, beside one that switched",
    atTimeout([1500, 49_000], SWITCHED_FIRST),
    "ERROR",
    /^g1, leg 2: finished in precopy, nothing shows a switch to postcopy, 48 s after it was due$/,
  ],
  [
    "libvirt's job took less than its timeout, though virsh took long before it",
    evidenceWith(SECOND, {
      migrations: [record(1, { endMs: 60_000, stats: { totalTimeMs: 900 } })],
      events: [],
    }),
    "WARN",
    /before the switch/,
  ],
  ["all switched", atTimeout([1500], SWITCHED_FIRST), "PASS", /^1 migrations switched to postcopy$/],
  [
    "one switched, and others were over before it was due",
    atTimeout([1500, 900, 2900], SWITCHED_FIRST),
    "PASS",
    /^1 migrations switched to postcopy, 2 finished in precopy before it was due: g1, leg 2; g1, leg 3$/,
  ],
  [
    "one switched, one was over before it was due, and one was not",
    atTimeout([1500, 900, 3100], SWITCHED_FIRST),
    "WARN",
    /^g1, leg 2: finished in precopy before the switch to postcopy; g1, leg 3: .*nothing shows a switch to postcopy$/,
  ],
  [
    "with a gap in the events, one that took longer than its timeout may have switched",
    { ...atTimeout([900, 1500]), eventGaps: ["h1: gone"] },
    "ERROR",
    /^g1, leg 2: .*nothing shows a switch to postcopy; g1, leg 1: finished in precopy before the switch to postcopy$/,
  ],
  [
    "with a gap in the events, one that virsh ended before the timeout did not switch",
    { ...atTimeout([900]), eventGaps: ["h1: gone"] },
    "WARN",
    /before the switch/,
  ],
]);
describe("mode", () => {
  it("counts those that did not switch, excused or not", () => {
    assert.deepEqual(mode(atTimeout([1500, 900, 3100], SWITCHED_FIRST)).measured, {
      due: 2,
      switched: 1,
      inPrecopy: 2,
    });
    assert.deepEqual(mode(atTimeout([900, 2400])).measured, { due: 0, switched: 0, inPrecopy: 2 });
  });
});

/** Two migrations there and back, the second right behind the first, and a switch in the second. */
const switchedInSecond = (...events: Evidence["events"]): Evidence =>
  evidenceWith(POSTCOPY, {
    migrations: [record(1, { startMs: 0, endMs: 1000 }), record(2, { startMs: 2300, endMs: 4000 })],
    events,
  });
/** The same way twice, because the guest stayed where it was the first time. */
const triedTwice = (...events: Evidence["events"]): Evidence =>
  evidenceWith(POSTCOPY, {
    migrations: [
      record(1, { startMs: 0, endMs: 1000 }),
      record(2, { ...{ source: "h1", target: "h2" }, startMs: 2300, endMs: 4000 }),
    ],
    events,
  });
const DOWNTIME_MISSING = { stats: { totalTimeMs: 1, dataProcessedBytes: 2, iterations: 3, postcopyRequests: 0 } };
const ONLY_SECOND = /^g1, leg 1: finished in precopy, nothing shows a switch to postcopy$/;
table("a switch to postcopy", mode, [
  [
    "of the next migration is not of this one",
    switchedInSecond(event(2600, "h2", "Suspended Post-copy"), event(2650, "h1", "Resumed Post-copy")),
    "WARN",
    ONLY_SECOND,
  ],
  [
    "of the next migration the same way is not of this one",
    triedTwice(event(2600, "h1", "Suspended Post-copy"), event(2650, "h2", "Resumed Post-copy")),
    "WARN",
    ONLY_SECOND,
  ],
  [
    "is told by the hosts of the migration, each in its part",
    switchedInSecond(event(500, "h2", "Suspended Post-copy"), event(550, "h1", "Resumed Post-copy")),
    "WARN",
    /leg 1: finished in precopy.*leg 2: finished in precopy/,
  ],
  [
    "may be told late, by one of its hosts alone",
    switchedInSecond(event(1900, "h2", "Resumed Post-copy"), event(5000, "h1", "Resumed Post-copy")),
    "PASS",
    /^2 migrations switched/,
  ],
  [
    "of another guest says nothing",
    switchedInSecond(
      event(500, "h1", "Suspended Post-copy", { guest: "g2" }),
      event(2600, "h2", "Suspended Post-copy"),
    ),
    "WARN",
    ONLY_SECOND,
  ],
]);
describe("statistics", () => {
  it("excuses no missing downtime by the switch of the next migration", () => {
    const given = switchedInSecond(event(2600, "h2", "Suspended Post-copy"));
    const [first, second] = given.migrations;
    const of = (missing: typeof first) =>
      statistics({
        ...given,
        migrations: [first!, second!].map((one) => (one === missing ? { ...one, ...DOWNTIME_MISSING } : one)),
      });
    assert.equal(of(first).status, "ERROR");
    assert.equal(of(second).status, "WARN");
  });
});

const NOT_ALWAYS = [
  ...["disks", "load", "memory", "booting", "compression", "mode", "suspended", "overlap"],
  ...["channel", "capture", "classes", "daemon-cpu"],
];

describe("judge", () => {
  const names = (given: Evidence): string[] => judge(given).map(({ check }) => check);
  it("passes a case in which all went well", () =>
    assert.deepEqual(
      judge(evidence()).filter(({ status }) => status !== "PASS"),
      [],
    ));
  it("uses the checks that apply", () => {
    assert.deepEqual(
      names(evidence()),
      CHECKS.map(({ name }) => name).filter((name) => !NOT_ALWAYS.includes(name)),
    );
    const wide = names(evidenceWith({ ...LOAD, ...POSTCOPY, movement: { pattern: "cross" }, guests: { count: 2 } }));
    for (const name of ["load", "mode", "overlap"]) assert.ok(wide.includes(name), name);
    const stressed = names(evidenceWith(STRESS));
    for (const name of ["load", "memory"]) assert.ok(stressed.includes(name), name);
    assert.ok(names(evidenceWith({ migration: { compression: "xbzrle" } })).includes("compression"));
    assert.ok(names(evidenceWith({ booting: { besides: 1 } })).includes("booting"));
    const reset = names(evidenceWith({ ...AT_ONCE, booting: { migrating: true } }));
    assert.ok(reset.includes("booting") && !reset.includes("uptime") && !reset.includes("silence"));
    assert.ok(names(evidenceWith({ guests: { boot: "volume" } })).includes("disks"));
    assert.ok(names(evidenceWith(TIMEOUT)).includes("suspended"));
    assert.ok(!names(evidenceWith({ guests: { metadata: {} } })).includes("suspended"), "given up, not suspended");
    const probed = names(
      evidenceWith({ probes: { path: true }, classes: { on: "migration" }, expect: { cpuRatio: 2 } }),
    );
    for (const name of ["channel", "capture", "classes", "daemon-cpu"]) assert.ok(probed.includes(name), name);
    assert.ok(!names(evidenceWith({ expect: { outcome: "failed" } })).includes("statistics"));
    assert.ok(
      !names(evidenceWith({ movement: { pattern: "cross", concurrency: 1 }, guests: { count: 4 } })).includes(
        "overlap",
      ),
    );
  });
  it("calls each verdict by the name of its check", () => {
    for (const { name, check } of CHECKS) assert.equal(check(evidence()).check, name);
  });
  it("passes nothing on empty evidence", () => {
    const empty = evidenceWith(
      { ...LOAD, ...POSTCOPY, ...TIMEOUT, movement: { pattern: "cross" }, guests: { count: 2 } },
      { legs: [], migrations: [], guests: [], hosts: [], events: [] },
    );
    for (const { check } of CHECKS) assert.equal(check(empty).status, "ERROR");
  });
  describe("of checks that are to say FAIL", () => {
    const verdict = (red: string[], over: Partial<Evidence>, redSays?: string): string => {
      const result = judge(evidenceWith({ expect: { red, redSays } }, over)).find(({ check }) => check === red[0]);
      return `${result?.status}: ${result?.message}`;
    };
    const failed = { migrations: [record(1, { outcome: "failed", error: "x" }), record(2)] };
    it("is PASS where they do", () =>
      assert.match(verdict(["outcome"], failed), /^PASS: says FAIL, as it is to: g1, leg 1: failed/));
    it("is PASS where they do for the reason that is meant, FAIL for another", () => {
      assert.match(verdict(["outcome"], failed, "leg 1: failed (x)"), /^PASS: says FAIL, as it is to: /);
      assert.match(
        verdict(["outcome"], failed, "refused"),
        /^FAIL: says FAIL, as it is to, and not "refused": g1, leg 1/,
      );
      assert.match(verdict(["outcome"], {}, "refused"), /^FAIL: was to say FAIL and says PASS/);
      assert.match(verdict(["outcome"], { legs: [], migrations: [] }, "refused"), /^ERROR: /);
    });
    it("is FAIL where they say PASS", () =>
      assert.match(verdict(["outcome"], {}), /^FAIL: was to say FAIL and says PASS: 2 migrations completed/));
    it("is FAIL where they only warn", () => {
      const slow = evidenceWith(
        { expect: { red: ["silence"] }, limits: { warnDowntime: 50 } },
        { migrations: [record(1), record(2)] },
      );
      assert.equal(
        judge(evidenceWith({ limits: { warnDowntime: 50 } })).find(({ check }) => check === "silence")?.status,
        "WARN",
      );
      const turned = judge(slow).find(({ check }) => check === "silence");
      assert.match(`${turned?.status}: ${turned?.message}`, /^FAIL: was to say FAIL and says WARN/);
    });
    it("stays ERROR where they cannot tell", () =>
      assert.match(verdict(["outcome"], { legs: [], migrations: [] }), /^ERROR: /));
    it("is ERROR where they do not judge the case, or are none", () => {
      assert.match(verdict(["compression"], {}), /^ERROR: was to say FAIL, and does not judge this case/);
      assert.match(verdict(["outcom"], {}), /^ERROR/);
    });
    it("leaves the others as they are", () =>
      assert.deepEqual(
        judge(evidenceWith({ expect: { red: ["outcome"] } }, failed)).slice(1),
        judge(evidenceWith({}, failed)).slice(1),
      ));
  });
  it("makes ERROR of a check that breaks", () => {
    const torn = { case: { params: params() } } as unknown as Evidence;
    for (const { status } of judge(torn)) assert.equal(status, "ERROR");
  });
  it("judges a soak of ten thousand legs in no time", async () => {
    const migrations = Array.from({ length: 10_000 }, (_, index) => record(index + 1));
    const legs = migrations.map(({ leg }) => ({ ...evidence().legs[0]!, number: leg }));
    const events = migrations.flatMap(({ startMs = 0 }) => [
      event(startMs, "h1", "Suspended Migrated"),
      event(startMs, "h2", "Resumed Migrated"),
    ]);
    const soak = evidenceWith({ movement: { rounds: 5000 } }, { migrations, legs, events });
    assert.ok((await cpuMs(() => judge(soak))) < 5_000);
  });
});

describe("hosts that are kept as the case left them", () => {
  const full = { domains: ["g1"], qemuProcesses: ["g1"], migrationListeners: [49152], firewallRules: ["migstorm-x"] };
  const left = { hosts: [host("h1", { after: full })] };
  const asked = (given: Evidence): string[] => judge(given).map(({ check }) => check);

  it("are not asked what is left on them", () => {
    assert.ok(asked(evidence(left)).includes("residue"));
    assert.ok(!asked(evidence({ ...left, areHostsKept: true })).includes("residue"));
  });
  it("are not blamed for it where residue was to say FAIL", () => {
    const red = evidenceWith({ expect: { red: ["residue"] } }, { ...left, areHostsKept: true });
    assert.ok(!asked(red).includes("residue"));
  });
});
