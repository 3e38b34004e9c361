import type { Params } from "../lib/model/params.js";
import type { PatchSection } from "../lib/model/scenario.js";

interface Conflict {
  readonly when: (params: Params) => boolean;
  /** Section of the parameters that is to be looked at. */
  readonly section: PatchSection;
  readonly reason: string;
}

/**
 * What cannot go together, found when a scenario is read and not at three in the morning. The rows on `migration` are
 * rules of libvirt 9.0 (`qemuMigrationSrcBeginPhase` and `virDomainMigrate*` on tunnels), of `virsh migrate` (which
 * options need which) and of QEMU's `migrate_caps_check` (postcopy or XBZRLE with multifd). XBZRLE with postcopy is not
 * among them: QEMU takes both and compresses until the switch.
 */
export const CONFLICTS: readonly Conflict[] = [
  {
    section: "migration",
    when: ({ migration: { channel, mode } }) => channel === "tunnelled" && mode === "postcopy",
    reason:
      "libvirt does not support postcopy in a tunnelled migration: postcopy needs a way back that the tunnel has not",
  },
  {
    section: "migration",
    when: ({ migration: { channel, connections } }) => channel === "tunnelled" && connections !== undefined,
    reason: "libvirt does not support parallel connections in a tunnelled migration: the tunnel is one stream",
  },
  {
    section: "migration",
    when: ({ migration: { channel, control } }) => channel === "tunnelled" && control === "direct",
    reason: "a tunnelled migration needs control: p2p, because the tunnel is the connection between the two libvirtds",
  },
  {
    section: "migration",
    when: ({ migration: { mode, connections } }) => mode === "postcopy" && connections !== undefined,
    reason: "QEMU before 10.1 does not support postcopy with parallel connections (multifd)",
  },
  {
    section: "migration",
    when: ({ migration: { compression, connections } }) => compression !== undefined && connections !== undefined,
    reason: "XBZRLE does not work with parallel connections (multifd): QEMU since 8.2 refuses them together",
  },
  {
    section: "migration",
    when: ({ migration: { timeoutAction, timeout } }) => timeoutAction === "postcopy" && timeout === undefined,
    reason: "timeoutAction: postcopy says what to do at the timeout, and there is no timeout",
  },
  {
    section: "migration",
    when: ({ migration: { timeoutAction, mode } }) => timeoutAction === "postcopy" && mode !== "postcopy",
    reason: "timeoutAction: postcopy needs mode: postcopy, because virsh refuses --timeout-postcopy without --postcopy",
  },
  {
    section: "movement",
    when: ({ movement: { pattern, concurrency } }) => pattern === "orderly" && concurrency !== undefined,
    reason: "orderly means one at a time, so concurrency has no meaning there",
  },
  {
    section: "movement",
    when: ({ movement: { pattern }, guests }) => pattern === "cross" && guests.count < 2,
    reason: "a cross migration needs two guests at least, one for each direction",
  },
  {
    section: "movement",
    when: ({ movement: { pattern, concurrency } }) => pattern === "cross" && concurrency === 1,
    reason: "with concurrency: 1 nothing crosses: two migrations at a time are needed",
  },
  {
    section: "movement",
    when: ({ movement: { pattern, concurrency } }) => pattern === "simultaneous" && concurrency === 1,
    reason: "with concurrency: 1 nothing is simultaneous: that is orderly",
  },
  {
    section: "movement",
    when: ({ movement: { pattern }, guests }) => pattern === "simultaneous" && guests.count < 2,
    reason: "simultaneous needs two guests at least",
  },
  {
    section: "stress",
    when: ({ stress: { tool, hosts, guests } }) => tool !== undefined && hosts === undefined && !guests,
    reason: "stress has a tool and no place: say guests: true, or hosts: source, target or both",
  },
  {
    section: "stress",
    when: ({ stress: { tool, hosts, guests } }) => tool === undefined && (hosts !== undefined || guests),
    reason: "stress has a place and no tool: say tool: stress or tool: stress-ng",
  },
  {
    section: "stress",
    when: ({ stress: { hosts, hostMemory } }) => hostMemory !== undefined && hosts === undefined,
    reason: "hostMemory is taken on hosts, and stress names none: say hosts: source, target or both",
  },
  {
    section: "booting",
    when: ({ booting: { migrating }, movement: { pattern } }) => migrating && pattern !== "simultaneous",
    reason: "guests that boot while they migrate have to leave at once: only with pattern: simultaneous",
  },
  {
    section: "booting",
    when: ({ booting: { migrating }, movement: { concurrency }, guests }) =>
      migrating && concurrency !== undefined && concurrency < guests.count,
    reason: "guests that boot while they migrate cannot wait for others: leave movement.concurrency out",
  },
  {
    section: "booting",
    when: ({ booting: { migrating }, load, stress }) =>
      migrating && (stress.guests || load.some(({ on }) => on === "guests")),
    reason: "nothing can be started in a guest that is still booting",
  },
  {
    section: "booting",
    when: ({ booting: { migrating }, expect: { outcome } }) => migrating && outcome === "failed",
    reason:
      "a guest that is to stay where it is cannot be reset on the other host: expect.outcome: failed does not go with it",
  },
  {
    section: "limits",
    when: ({ limits: { downtime, warnDowntime } }) => warnDowntime !== undefined && warnDowntime > downtime,
    reason: "warnDowntime is longer than downtime: the case would fail before it warns",
  },
  {
    section: "limits",
    when: ({ limits: { totalTime }, migration: { timeout } }) =>
      totalTime !== undefined && timeout !== undefined && totalTime <= timeout,
    reason:
      "limits.totalTime is not longer than migration.timeout: the migration would be aborted before its timeout counts",
  },
];

/** What cannot go together in these parameters; empty when all is well. */
export const conflictsIn = (params: Params): readonly Conflict[] => CONFLICTS.filter(({ when }) => when(params));
