import fc from "fast-check";
import type { Evidence, HostEvidence, KernelLog } from "../../../../lib/model/check.js";
import type { LoadEvidence } from "../../../../lib/model/load-evidence.js";
import { DOMAIN_STATES, type MigrationRecord } from "../../../../lib/model/migration.js";
import { buildLegPath } from "../../../support/build-path.js";
import { HOSTILE } from "../../reports/hostile-corpus.js";
import { event, evidence, guest, host, params, record } from "./build.js";

/** What a host or a guest may print; often nothing that can be shown. */
export const someText = fc.oneof(
  fc.constantFrom("", " ", "\n", "\u200b", "\u001b[0m"),
  fc.constantFrom(...HOSTILE.filter(({ length }) => length < 500)),
);
/** Ours, and few: they are to meet. */
const name = fc.constantFrom("g1", "g2", "h1", "h2");

const moment = fc.integer({ min: 0, max: 40_000 });
const number = fc.constantFrom(0, 1, 5, 200, 2 ** 20, 2 ** 40);
const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });
/** Each key may be missing. */
const some = <T extends object>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const kernelLog: fc.Arbitrary<KernelLog> = fc.oneof(
  fc.record({ lost: someText }),
  fc.record({
    added: list(
      fc.record({ level: fc.nat(7), text: fc.oneof(someText, fc.constantFrom("BUG: bad", "x segfault at 0")) }),
    ),
  }),
);

const state = fc.constantFrom(...DOMAIN_STATES, "absent" as const);
const places = fc.record({ source: state, target: state });

const migration: fc.Arbitrary<MigrationRecord> = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    some<MigrationRecord>({
      ...{ guest: name, source: name, target: name, error: someText, command: list(someText) },
      ...{ leg: fc.integer({ min: 1, max: 3 }), startMs: moment, endMs: moment, before: places, after: places },
      outcome: fc.constantFrom("completed", "failed", "aborted", "unknown", "not-started"),
      stats: some({ totalTimeMs: moment, reportedDowntimeMs: moment, dataProcessedBytes: number, iterations: number }),
      silence: fc.record({
        ...{ longestMs: moment, intervalMs: number, sent: number, received: number, duplicates: number },
        answeredAfter: fc.boolean(),
      }),
    } as never),
  )
  .map(([leg, over]) => record(leg, over));

const snapshot = fc.record(
  { atMs: moment, pings: fc.nat(5), bootId: fc.constantFrom("a", "b"), uptimeS: fc.nat(40) },
  { requiredKeys: ["atMs", "pings"] },
);
const sum = fc.constantFrom("5d41", "7d79");
const reading = some({ sum, usedKiB: number, fault: someText });
const disk = fc.record({
  ...{ disk: name, expectedSum: sum, before: reading, after: reading },
  use: fc.constantFrom("root", "ephemeral", "swap"),
  on: fc.constant("nfs"),
});
const someGuest = some({
  ...{ guest: name, expectedHost: name, before: snapshot, after: snapshot, kernelLog },
  ...{ finalHosts: list(name), disks: list(disk) },
}).map((over) => guest(over as never));

const hostSnapshot = fc.record({
  ...{ domains: list(name), qemuProcesses: list(name), firewallRules: list(someText) },
  migrationListeners: list(fc.nat(65_535)),
});
const someHost: fc.Arbitrary<HostEvidence> = fc
  .tuple(name, some<HostEvidence>({ before: hostSnapshot, after: hostSnapshot, kernelLog } as never))
  .map(([where, over]) => host(where, over));

const load = fc.record(
  {
    ...{ place: name, tool: name, workers: number, memoryMiB: number, leftMiB: number, isShort: fc.boolean() },
    sightings: list(
      fc.record(
        { atMs: moment, when: name, alive: fc.boolean(), cpuS: number, workers: number, restarts: number },
        { requiredKeys: ["atMs", "when", "alive"] },
      ),
    ),
  },
  { requiredKeys: ["place", "tool", "sightings"] },
) as fc.Arbitrary<LoadEvidence>;

const boot = fc.record(
  {
    ...{ guest: name, host: name, isMigrating: fc.boolean(), lost: someText },
    boots: list(fc.record({ startMs: moment, loginMs: moment, waitedMs: moment }, { requiredKeys: ["startMs"] })),
  },
  { requiredKeys: ["guest", "host", "isMigrating", "boots"] },
);

const someEvent = fc
  .tuple(moment, name, name, fc.constantFrom("Started Booted", "Suspended Migrated", "Resumed Post-copy"))
  .map(([atMs, where, who, detail]) => event(atMs, where, detail, { guest: who }));

const path = fc.record({
  legs: list(
    some({ leg: fc.nat(3), source: name, target: name, dataBytes: number, classBytes: number }).map((over) =>
      buildLegPath(over as never),
    ),
  ),
  totals: list(fc.record({ host: name, counts: fc.constant([]) })),
  captures: list(
    fc.record(
      { host: name, packets: number, counts: fc.constant([]), series: fc.constant([]), problem: someText },
      { requiredKeys: ["host", "packets", "counts", "series"] },
    ),
  ),
  ...{ cpu: fc.constant([]), classes: fc.constant([]) },
});

const PROMISES = [
  params(),
  params({ expect: { outcome: "failed", error: "refused" } }),
  params({ expect: { outcome: "completed-or-timeout" }, migration: { timeout: 1000, timeoutAction: "abort" } }),
  params({ migration: { mode: "postcopy", timeout: 1000, timeoutAction: "postcopy" } }),
  params({ migration: { timeout: 1000, timeoutAction: "suspend", compression: "xbzrle" } }),
  params({ booting: { besides: 1, migrating: true }, movement: { pattern: "cross" }, guests: { count: 2 } }),
  params({ load: [{ on: "source", tool: "stress-ng", args: [] }] as never, probes: { path: true } }),
];

/** What may be gathered of a case that went in some way or other, in the types but in nothing else as it should be. */
export const someEvidence: fc.Arbitrary<Evidence> = fc
  .tuple(
    fc.constantFrom(...PROMISES),
    some<Evidence>({
      ...{ migrations: list(migration), guests: list(someGuest), hosts: list(someHost), load: list(load) },
      ...{ boots: list(boot), events: list(someEvent), eventGaps: list(someText), path },
      eventPauses: list(fc.record({ host: name, fromMs: moment, toMs: moment })),
      legs: list(
        fc.record({
          ...{ number: fc.integer({ min: 1, max: 3 }), width: fc.nat(3), startMs: moment, endMs: moment },
          moves: list(fc.record({ guest: name, from: name, to: name })),
        }),
      ),
      ...{ areGuestsLeft: fc.boolean(), areHostsKept: fc.boolean() },
    } as never),
  )
  .map(([promised, over]) => {
    const whole = evidence(over);
    return { ...whole, case: { ...whole.case, params: promised } };
  });
