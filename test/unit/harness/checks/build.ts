import type { DomainEvent, Evidence, GuestEvidence, HostEvidence } from "../../../../lib/model/check.js";
import type { MigrationRecord } from "../../../../lib/model/migration.js";
import { type Params, paramsSchema } from "../../../../lib/model/params.js";

/** What a test wants to be different about the parameters. */
type Over = { readonly [K in keyof Params]?: Partial<Params[K]> };

export const params = (over: Over = {}): Params => {
  const base = paramsSchema.parse({});
  const merged = Object.entries(over).map(([key, value]) => [
    key,
    Array.isArray(value) ? value : { ...base[key as keyof Params], ...value },
  ]);
  return { ...base, ...Object.fromEntries(merged) };
};

/** A migration there (leg 1) or back (leg 2) that went well, ten seconds after the one before. */
export const record = (leg: number, over: Partial<MigrationRecord> = {}): MigrationRecord => {
  const [source, target] = leg % 2 === 1 ? ["h1", "h2"] : ["h2", "h1"];
  return {
    guest: "g1",
    leg,
    source,
    target,
    outcome: "completed",
    startMs: leg * 10_000,
    endMs: leg * 10_000 + 1000,
    before: { source: "running", target: "absent" },
    after: { source: "absent", target: "running" },
    stats: { totalTimeMs: 900, reportedDowntimeMs: 40, dataProcessedBytes: 1000, iterations: 3 },
    silence: { longestMs: 60, intervalMs: 10, sent: 100, received: 95, duplicates: 0, answeredAfter: true },
    ...over,
  };
};

const BOOT_ID = "b15f81ec-b06a-48c7-b737-e16e25b05620";

export const guest = (over: Partial<GuestEvidence> = {}): GuestEvidence => ({
  guest: "g1",
  before: { atMs: 5000, bootId: BOOT_ID, uptimeS: 5, pings: 5 },
  after: { atMs: 30_000, bootId: BOOT_ID, uptimeS: 30, pings: 5 },
  kernelLog: { added: [{ level: 6, text: "all is well" }] },
  finalHosts: ["h1"],
  expectedHost: "h1",
  ...over,
});

export const host = (name: string, over: Partial<HostEvidence> = {}): HostEvidence => ({
  host: name,
  before: { domains: ["web"], qemuProcesses: ["web"], migrationListeners: [], firewallRules: ["a", "b"] },
  after: { domains: ["web"], qemuProcesses: ["web"], migrationListeners: [], firewallRules: ["a", "b"] },
  kernelLog: { added: [] },
  ...over,
});

export const event = (atMs: number, where: string, detail: string, over: Partial<DomainEvent> = {}): DomainEvent => ({
  atMs,
  host: where,
  guest: "g1",
  event: "lifecycle",
  detail,
  ...over,
});

/** One guest, there and back, nothing wrong. */
export const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  case: { id: "smoke.x", scenario: "smoke", variants: ["x"], tags: [], testIds: [], params: params() },
  legs: [1, 2].map((number) => ({
    number,
    width: 1,
    moves: [{ guest: "g1", from: number === 1 ? "h1" : "h2", to: number === 1 ? "h2" : "h1" }],
    startMs: number * 10_000,
    endMs: number * 10_000 + 1500,
  })),
  migrations: [record(1), record(2)],
  guests: [guest()],
  hosts: [host("h1"), host("h2")],
  load: [],
  boots: [],
  events: [
    event(1000, "h1", "Started Booted"),
    event(10_100, "h2", "Started Migrated"),
    event(10_800, "h1", "Suspended Migrated"),
    event(10_850, "h2", "Resumed Migrated"),
    event(11_000, "h1", "Stopped Migrated"),
    event(20_100, "h1", "Started Migrated"),
    event(20_800, "h2", "Suspended Migrated"),
    event(20_850, "h1", "Resumed Migrated"),
    event(21_000, "h2", "Stopped Migrated"),
  ],
  eventGaps: [],
  ...over,
});

/** The same with other parameters. */
export const evidenceWith = (over: Over, rest: Partial<Evidence> = {}): Evidence => {
  const base = evidence(rest);
  return { ...base, case: { ...base.case, params: params(over) } };
};
