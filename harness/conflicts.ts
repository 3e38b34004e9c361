import { everyOptions, settingsOf } from "../lib/model/options-of-leg.js";
import type { Params } from "../lib/model/params.js";
import type { PatchSection } from "../lib/model/scenario.js";
import { carriedBy, isInstance } from "../lib/model/settings.js";
import { CHECKS } from "./checks/index.js";
import { OPTION_CONFLICTS } from "./option-conflicts.js";

export interface Conflict {
  /** Section of the parameters that is to be looked at. */
  readonly section: PatchSection;
  /** What in it, where that is known: keys and indices. */
  readonly at?: readonly (string | number)[];
  readonly reason: string;
}

interface Row extends Omit<Conflict, "at"> {
  readonly when: (params: Params) => boolean;
}

/** What cannot go together in the rest of a case. */
export const CONFLICTS: readonly Row[] = [
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
    section: "booting",
    when: ({ booting: { migrating }, guests }) => migrating && (guests.disks.length > 0 || guests.boot === "volume"),
    reason: "a guest that boots forgets what was mounted and swapped: guests.disks and boot: volume do not go with it",
  },
  {
    section: "limits",
    when: ({ limits: { downtime, warnDowntime } }) => warnDowntime !== undefined && warnDowntime > downtime,
    reason: "warnDowntime is longer than downtime: the case would fail before it warns",
  },
  {
    section: "migration",
    when: ({ guests, migration: { channel } }) => isInstance(guests) && channel !== "native",
    reason: "migration.channel: whether an instance is tunnelled is said by its flavor and metadata",
  },
  {
    section: "migration",
    when: ({ guests, migration: { autoConverge } }) => isInstance(guests) && autoConverge,
    reason: "migration.autoConverge: of an instance its flavor and metadata say it",
  },
  {
    section: "migration",
    when: ({ guests, migration: { maxDowntime } }) => isInstance(guests) && maxDowntime !== undefined,
    reason: "migration.maxDowntime: of an instance its flavor, metadata and image say it",
  },
  {
    section: "migration",
    when: ({ guests, migration: { timeout } }) => isInstance(guests) && timeout !== undefined,
    reason: "migration.timeout: of an instance its flavor, metadata and image say it",
  },
  {
    section: "movement",
    when: ({ guests, movement: { turns } }) => isInstance(guests) && turns.length > 0,
    reason: "turns and the settings of an instance exclude each other: both say how a round migrates",
  },
  {
    section: "guests",
    when: ({ guests }) => !isInstance(guests) && guests.metadataChanges.length > 0,
    reason: "metadataChanges need guests that carry metadata, a flavor or imageProperties",
  },
  {
    section: "guests",
    when: ({ guests, movement: { rounds } }) => guests.metadataChanges.some(({ beforeLeg }) => beforeLeg > rounds * 2),
    reason: "metadataChanges name a leg that the case does not have: a round has two",
  },
  {
    section: "guests",
    when: ({ guests: { metadataChanges } }) =>
      new Set(metadataChanges.map(({ beforeLeg }) => beforeLeg)).size < metadataChanges.length,
    reason: "two of the metadataChanges are for the same leg",
  },
  {
    section: "expect",
    when: ({ expect: { error, outcome } }) => error !== undefined && outcome !== "failed",
    reason: "expect.error is of migrations that fail: say expect.outcome: failed too",
  },
  {
    section: "expect",
    when: ({ expect: { red, redSays } }) => redSays !== undefined && red.length === 0,
    reason: "expect.redSays is of checks that are to say FAIL: name them in expect.red",
  },
];

/** What cannot go together in these parameters; empty when all is well. */
export const conflictsIn = (params: Params): readonly Conflict[] => [
  ...optionRows(params),
  ...CONFLICTS.filter(({ when }) => when(params)),
  ...settingConflicts(params),
  ...redConflicts(params),
];

/** Told of the place that brought it: the turns or the instance, where `migration` alone would be well. */
function optionRows(params: Params): Conflict[] {
  const all = everyOptions(params);
  const brought = isInstance(params.guests) ? "guests" : "movement";
  return OPTION_CONFLICTS.filter(({ when }) => all.some((options) => when(options, params))).map(
    ({ when, section, reason }) => ({ section: when(params.migration, params) ? section : brought, reason }),
  );
}

/** Values of settings that cannot be read, of the guest as it begins and of every change. */
function settingConflicts({ guests, ...rest }: Params): Conflict[] {
  const params = { guests, ...rest };
  const keys = { flavor: ["flavor", "extraSpecs"], image: ["imageProperties"], metadata: ["metadata"] } as const;
  const begins = settingsOf(params, carriedBy(guests).metadata).problems.map(
    ({ place, name, message }): Conflict => ({
      ...{ section: "guests", at: [...keys[place], name], reason: message },
    }),
  );
  const changes = guests.metadataChanges.flatMap(({ metadata }, index) =>
    settingsOf(params, metadata)
      .problems.filter(({ place }) => place === "metadata")
      .map(
        ({ name, message }): Conflict => ({
          ...{ section: "guests", at: ["metadataChanges", index, "metadata", name], reason: message },
        }),
      ),
  );
  return [...begins, ...changes];
}

/** Checks that are to say FAIL and cannot: there is none of that name, or it does not judge this case. */
const redConflicts = (params: Params): Conflict[] =>
  params.expect.red.flatMap((name, index): Conflict[] => {
    const at = ["red", index];
    const check = CHECKS.find((known) => known.name === name);
    if (check === undefined) return [{ section: "expect", at, reason: `expect.red: there is no check ${name}` }];
    return check.applies(params)
      ? []
      : [{ section: "expect", at, reason: `expect.red: the check ${name} does not judge this case` }];
  });
