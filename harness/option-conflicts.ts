import type { MigrationOptions, Params } from "../lib/model/params.js";
import type { PatchSection } from "../lib/model/scenario.js";

/** Looked at once for every way in which the guests of a case are migrated, whoever says it: scenario, turn or instance. */
interface OptionsRow {
  readonly section: PatchSection;
  readonly when: (options: MigrationOptions, params: Params) => boolean;
  readonly reason: string;
}

/**
 * What cannot go together in one migration, found when a scenario is read and not at three in the morning. The rows are
 * rules of libvirt 9.0 (`qemuMigrationSrcBeginPhase` and `virDomainMigrate*` on tunnels), of `virsh migrate` (which
 * options need which) and of QEMU's `migrate_caps_check` (postcopy or XBZRLE with multifd). XBZRLE with postcopy is not
 * among them: QEMU takes both and compresses until the switch.
 */
export const OPTION_CONFLICTS: readonly OptionsRow[] = [
  {
    section: "migration",
    when: ({ channel, mode }) => channel === "tunnelled" && mode === "postcopy",
    reason:
      "libvirt does not support postcopy in a tunnelled migration: postcopy needs a way back that the tunnel has not",
  },
  {
    section: "migration",
    when: ({ channel, connections }) => channel === "tunnelled" && connections !== undefined,
    reason: "libvirt does not support parallel connections in a tunnelled migration: the tunnel is one stream",
  },
  {
    section: "migration",
    when: ({ channel, control }) => channel === "tunnelled" && control === "direct",
    reason: "a tunnelled migration needs control: p2p, because the tunnel is the connection between the two libvirtds",
  },
  {
    section: "migration",
    when: ({ channel, copyStorage }, { expect: { outcome } }) =>
      channel === "tunnelled" && copyStorage !== undefined && outcome !== "failed",
    reason:
      "libvirt does not support copied storage in a tunnelled migration; where that is the point, say expect.outcome: failed",
  },
  {
    section: "migration",
    when: ({ mode, connections }) => mode === "postcopy" && connections !== undefined,
    reason: "QEMU before 10.1 does not support postcopy with parallel connections (multifd)",
  },
  {
    section: "migration",
    when: ({ compression, connections }) => compression !== undefined && connections !== undefined,
    reason: "XBZRLE does not work with parallel connections (multifd): QEMU since 8.2 refuses them together",
  },
  {
    section: "migration",
    when: ({ timeoutAction, timeout }) => timeoutAction === "postcopy" && timeout === undefined,
    reason: "timeoutAction: postcopy says what to do at the timeout, and there is no timeout",
  },
  {
    section: "migration",
    when: ({ timeoutAction, mode }) => timeoutAction === "postcopy" && mode !== "postcopy",
    reason: "timeoutAction: postcopy needs mode: postcopy, because virsh refuses --timeout-postcopy without --postcopy",
  },
  {
    section: "migration",
    when: ({ timeoutAction, timeout }) => timeoutAction === "abort" && timeout === undefined,
    reason: "timeoutAction: abort says what to do at the timeout, and there is no timeout",
  },
  {
    section: "limits",
    when: ({ timeout }, { limits: { totalTime } }) =>
      totalTime !== undefined && timeout !== undefined && totalTime <= timeout,
    reason:
      "limits.totalTime is not longer than the timeout of the migration: it would be aborted before its timeout counts",
  },
];

/** What cannot go together in one migration whose options are known; reasons alone. */
export const conflictsOf = (options: MigrationOptions, params: Params): string[] =>
  OPTION_CONFLICTS.filter(({ when }) => when(options, params)).map(({ reason }) => reason);
