import { suspended } from "../../../../harness/checks/suspended.js";
import { takeEventLine } from "../../../../lib/libvirt/event-lines.js";
import type { DomainEvent, Evidence } from "../../../../lib/model/check.js";
import type { MigrationRecord } from "../../../../lib/model/migration.js";
import { fixture } from "../../../support/fixture.js";
import { event, evidence, evidenceWith, record } from "./build.js";
import { table } from "./table.js";

const TIMEOUT = { migration: { timeout: 500 } };
/** A migration of ten seconds, as libvirt tells, and what its source told. */
const long = (over: Partial<Evidence> = {}): Evidence =>
  evidenceWith(TIMEOUT, { migrations: [record(1, { endMs: 20_000, stats: { totalTimeMs: 10_000 } })], ...over });
const UNSEEN = /^g1, leg 1: took longer than its timeout, and no suspension was seen$/;

table("suspended", suspended, [
  ["in time", evidenceWith(TIMEOUT), "PASS", /^no migration took longer than its timeout$/],
  [
    "told by an event after the timeout",
    long({ events: [event(11_050, "h1", "Suspended Migrated")] }),
    "WARN",
    /timeout of 1 s/,
  ],
  [
    "told by an event just before the timeout, as GLib rounds it",
    long({ events: [event(10_824, "h1", "Suspended Migrated")] }),
    "WARN",
  ],
  [
    "a pause before the timeout is the switch-over, where virsh may have come too late",
    evidenceWith(TIMEOUT, {
      migrations: [record(1, { endMs: 12_000, stats: { totalTimeMs: 2000 } })],
      events: [event(10_400, "h1", "Suspended Migrated")],
    }),
    "PASS",
    /^1 migrations took longer than their timeouts, and none was suspended$/,
  ],
  [
    "a pause that the target tells is not this one",
    long({ events: [event(11_050, "h2", "Suspended Migrated")] }),
    "WARN",
    UNSEEN,
  ],
  ["nothing tried", evidenceWith(TIMEOUT, { migrations: [] }), "ERROR"],
]);

/** The word at 0, libvirt's job from 3 s on: virsh counts 2 s from there. */
const connectedLate = (overMs: number, ...events: DomainEvent[]): Evidence =>
  evidenceWith(
    { migration: { timeout: 2000 } },
    {
      migrations: [record(1, { startMs: 0, endMs: overMs + 200, stats: { totalTimeMs: overMs - 3000 } })],
      events: [...events, event(overMs, "h2", "Resumed Migrated")],
    },
  );
table("suspended, by the time of libvirt's job", suspended, [
  [
    "switched over before virsh's timeout, though long after the word",
    connectedLate(4600, event(4400, "h1", "Suspended Migrated")),
    "PASS",
    /^no migration took longer/,
  ],
  [
    "suspended at virsh's timeout",
    connectedLate(9000, event(5010, "h1", "Suspended Migrated")),
    "WARN",
    /^g1, leg 1: suspended because the timeout of 2 s had passed$/,
  ],
  [
    "over while virsh waited for the end of the QEMU that was left",
    connectedLate(4950, event(4900, "h1", "Suspended Migrated")),
    "PASS",
  ],
]);

const [PAUSE, SWITCH] = ["Suspended Migrated", "Suspended Post-copy"];
/** The word at 0, libvirt's job from 3 to 9 s with a timeout of 2 s, of whose end the target tells 900 ms late. */
const lateTarget = (...events: DomainEvent[]): Evidence =>
  evidenceWith(
    { migration: { timeout: 2000 } },
    {
      migrations: [record(1, { startMs: 0, endMs: 10_000, stats: { totalTimeMs: 6000 } })],
      events: [...events, event(9_900, "h2", "Resumed Migrated")],
    },
  );
/** What libvirt told no figures of. */
const withoutFigures = (endMs: number, rest: Partial<MigrationRecord> = {}): Evidence => {
  const { stats: _, ...bare } = record(1, { startMs: 0, endMs, ...rest });
  return evidenceWith({ migration: { timeout: 2000 } }, { migrations: [bare], events: [] });
};
table("suspended, where virsh must have done it", suspended, [
  [
    "the target told so late that the pause seems to be the switch-over",
    lateTarget(event(5010, "h1", PAUSE)),
    "WARN",
    UNSEEN,
  ],
  ["no pause was told at all", lateTarget(), "WARN", UNSEEN],
  ["it had gone over to postcopy before", lateTarget(event(4900, "h1", PAUSE), event(4910, "h1", SWITCH)), "PASS"],
  ["it went over to postcopy later", lateTarget(event(7000, "h1", SWITCH)), "WARN", UNSEEN],
  ["another guest went over to postcopy", lateTarget(event(4910, "h1", SWITCH, { guest: "g2" })), "WARN", UNSEEN],
  [
    "its host did not tell all of it",
    { ...lateTarget(), eventGaps: ["h1: gone"] },
    "ERROR",
    /^g1, leg 1: .*whether it was suspended nobody can say: h1: gone$/,
  ],
  ["no figures, and observed to have taken a little longer", withoutFigures(2900), "PASS", /^1 migrations took longer/],
  ["no figures, and observed to have taken much longer", withoutFigures(3100), "WARN", UNSEEN],
  [
    "it failed: virsh may have spent the time on connecting",
    withoutFigures(30_000, { outcome: "failed" }),
    "PASS",
    /^1 migrations took longer/,
  ],
]);

/** 1800.9 s with a timeout of 1800 s: virsh's timer may be as late. */
const half = (over: Partial<Evidence>, rest: Partial<MigrationRecord> = {}): Evidence =>
  evidenceWith(
    { migration: { timeout: 1_800_000 } },
    { migrations: [record(1, { endMs: 1_810_900, stats: { totalTimeMs: 1_800_900 }, ...rest })], ...over },
  );
const [FIRST] = evidence().events;
const PAUSED = event(1_810_100, "h1", "Suspended Migrated");
const ENDED = event(1_810_800, "h1", "Stopped Migrated");
const GAP = ["h1: the event stream ended early"];
const UNKNOWN = /^g1, leg 1: took longer than its timeout, and whether it was suspended nobody can say: /;
table("suspended, with a gap in the events", suspended, [
  ["nothing was told any more", half({ events: [FIRST!], eventGaps: GAP }), "ERROR", UNKNOWN],
  [
    "nothing was told any more, and nobody knows on which host",
    half({ events: [], eventGaps: ["gone"] }),
    "ERROR",
    UNKNOWN,
  ],
  [
    "the suspension was told before",
    half({ events: [PAUSED], eventGaps: GAP }),
    "WARN",
    /because the timeout of 1800 s/,
  ],
  [
    "the source told all of it before it fell silent",
    half({ events: [ENDED], eventGaps: GAP }),
    "PASS",
    /^1 migrations took longer than their timeouts, and none was suspended$/,
  ],
  [
    "the source told of what came after",
    half({ events: [event(1_900_000, "h1", "Started Migrated")], eventGaps: GAP }),
    "PASS",
  ],
  ["only the target fell silent", half({ events: [], eventGaps: ["h2: the event stream ended early"] }), "PASS"],
  ["in time", half({ events: [], eventGaps: GAP }, { stats: { totalTimeMs: 1_000 } }), "PASS", /^no migration took/],
  [
    "its libvirtd was ended on purpose",
    half({ events: [], eventPauses: [{ host: "h1", fromMs: 1_805_000, toMs: 1_811_000 }] }),
    "WARN",
    /nobody can say: the libvirtd of h1 was away$/,
  ],
  [
    "its libvirtd was ended on purpose before the timeout",
    half({ events: [], eventPauses: [{ host: "h1", fromMs: 100_000, toMs: 101_000 }] }),
    "PASS",
  ],
]);

/** What a host printed, each line by the host's own clock. */
const told = (host: string, name: string): DomainEvent[] =>
  fixture(`virsh-9.0.0/event-timeout-suspend-${name}.txt`)
    .split("\n")
    .flatMap((line) => takeEventLine(undefined, line).done)
    .map(({ event: what, detail, hostTime = "" }) => ({
      ...{ host, guest: "g1", event: what, detail },
      atMs: Date.parse(hostTime.replace(" ", "T").replace("+0000", "Z")) - Date.parse("2026-11-21T10:26:00Z"),
    }));
table("suspended, as recorded", suspended, [
  [
    "after two seconds",
    evidenceWith(
      { migration: { timeout: 2000 } },
      {
        migrations: [record(1, { startMs: 16_300, endMs: 35_200, stats: { totalTimeMs: 18_551 } })],
        events: [...told("h1", "source"), ...told("h2", "target")],
      },
    ),
    "WARN",
  ],
]);
