import type { Evidence } from "./check.js";
import type { MigrationRecord } from "./migration.js";
import type { MigrationOptions, Params } from "./params.js";
import { carriedBy, type EffectiveSettings, isInstance, resolveSettings, type Settings } from "./settings.js";

/**
 * How a guest is migrated in one leg: what the scenario's `migration` says, and over it what the settings of the instance
 * come to, or the turn that the round takes. Pure.
 * @param leg from 1; two of them are a round
 * @param metadata what the guest carries by then; without it what it carries by the scenario
 */
export function optionsOfLeg(params: Params, leg: number, metadata = metadataAt(params, leg)): MigrationOptions {
  const { guests, migration, movement } = params;
  if (isInstance(guests)) return withSettings(migration, settingsOf(params, metadata).effective);
  const turn = movement.turns[(Math.ceil(leg / 2) - 1) % Math.max(1, movement.turns.length)];
  return turn === undefined ? migration : withTurn(migration, turn);
}

/** What the settings of an instance come to with this metadata. */
export const settingsOf = ({ guests }: Params, metadata: Settings) =>
  resolveSettings({ ...carriedBy(guests), metadata });

/** What a guest's metadata is in a leg if nobody but the scenario changes it. */
export const metadataAt = ({ guests }: Pick<Params, "guests">, leg: number): Settings =>
  guests.metadataChanges
    .filter(({ beforeLeg }) => beforeLeg <= leg)
    .toSorted((a, b) => a.beforeLeg - b.beforeLeg)
    .at(-1)?.metadata ??
  guests.metadata ??
  {};

/** Every way in which the guests of a case are migrated by the scenario; few, however many legs there are. */
export function everyOptions(params: Params): readonly MigrationOptions[] {
  const { guests, movement } = params;
  const rounds = isInstance(guests) ? 0 : Math.min(movement.rounds, Math.max(1, movement.turns.length));
  const legs = isInstance(guests)
    ? [1, ...guests.metadataChanges.map(({ beforeLeg }) => beforeLeg)]
    : Array.from({ length: rounds }, (_, round) => round * 2 + 1);
  return legs.map((leg) => optionsOfLeg(params, leg));
}

/** How each migration of a case was to be done, as it turned out: with the metadata that was read from the guest. */
export function optionsOfRecords({
  case: { params },
  settings = [],
}: Pick<Evidence, "case" | "settings">): (record: Pick<MigrationRecord, "leg" | "guest">) => MigrationOptions {
  const keyOf = ({ leg, guest }: Pick<MigrationRecord, "leg" | "guest">): string => `${leg} ${guest}`;
  const read = new Map(settings.map((record) => [keyOf(record), record.metadata]));
  return (record) => optionsOfLeg(params, record.leg, read.get(keyOf(record)));
}

function withSettings(
  { timeout: _, ...rest }: MigrationOptions,
  { tunnel, autoConverge, maxDowntimeMs, timeoutS }: EffectiveSettings,
): MigrationOptions {
  return {
    ...rest,
    ...{ channel: tunnel ? "tunnelled" : "native", autoConverge, maxDowntime: maxDowntimeMs },
    // Nova gives a migration up that is not over by then.
    ...(timeoutS === 0 ? {} : { timeout: timeoutS * 1000, timeoutAction: "abort" }),
  };
}

const withTurn = (migration: MigrationOptions, turn: Params["movement"]["turns"][number]): MigrationOptions => ({
  ...migration,
  ...(turn.channel === undefined ? {} : { channel: turn.channel }),
  ...(turn.connections === undefined ? {} : { connections: turn.connections }),
});
