import type { Params } from "./params.js";
import { booleanOf, timeoutOf, wholeOf } from "./setting-values.js";

/** The three places that say how an instance is to be migrated, as nova has them: names and values are text. */
export interface Carried {
  readonly flavor: Settings;
  readonly metadata: Settings;
  readonly image: Settings;
}

export type Settings = Readonly<Record<string, string>>;
export type Place = keyof Carried;

/** What comes of them. */
export interface EffectiveSettings {
  readonly tunnel: boolean;
  readonly autoConverge: boolean;
  readonly maxDowntimeMs: number;
  /** Seconds; 0: none. */
  readonly timeoutS: number;
}

export type SettingName = keyof EffectiveSettings;

/** A value that was there and did not count. */
export interface Passed {
  readonly origin: Place;
  /** As it was written. */
  readonly value: string;
}

/** One setting: what holds, where it comes from, and what did not count. */
export interface SettingEntry {
  readonly setting: SettingName;
  readonly value: boolean | number;
  readonly origin: Place | "default";
  /** Other places that may say it and do, and gave way. */
  readonly overrides: readonly Passed[];
  /** Places that have no say in it, and values that cannot be read. */
  readonly ignored: readonly Passed[];
  /** What was written, where the limits of the setting made something else of it. */
  readonly written?: string;
}

/** A value that nobody can read, for the place where it stands. */
export interface SettingProblem {
  readonly place: Place;
  readonly name: string;
  readonly message: string;
}

export interface Resolved {
  readonly effective: EffectiveSettings;
  /** One entry a setting, always in the same order. */
  readonly entries: readonly SettingEntry[];
  /** `metadata: hw:wrs:nested_vmx`: names that are none of these settings. */
  readonly notUsed: readonly string[];
  /** Such a value is ignored in what is effective; whoever asks decides whether that is good enough. */
  readonly problems: readonly SettingProblem[];
}

/** An instance carries one of the three; of any other guest the scenario's `migration` says everything. */
export const isInstance = ({ flavor, metadata, imageProperties }: Params["guests"]): boolean =>
  flavor !== undefined || metadata !== undefined || imageProperties !== undefined;

export const carriedBy = ({ flavor, metadata, imageProperties }: Params["guests"]): Carried => ({
  flavor: flavor?.extraSpecs ?? {},
  metadata: metadata ?? {},
  image: imageProperties ?? {},
});

/**
 * What the places of an instance come to, by the rules of StarlingX's nova, which is gone: tunnelling and auto-converge are
 * the metadata's before the flavor's and never the image's; the longest pause is the flavor's before the metadata's before
 * the image's; the timeout is the lowest of all that is not 0. Names are written with colons or, as images have them, with
 * underscores. Pure and total.
 */
export function resolveSettings(carried: Carried): Resolved {
  const read = RULES.map((rule) => resolveOne(rule, carried));
  const found = (name: SettingName): boolean | number | undefined =>
    read.find(({ entry }) => entry.setting === name)?.entry.value;
  return {
    effective: {
      tunnel: found("tunnel") === true,
      autoConverge: found("autoConverge") === true,
      maxDowntimeMs: Number(found("maxDowntimeMs")),
      timeoutS: Number(found("timeoutS")),
    },
    entries: read.map(({ entry }) => entry),
    notUsed: PLACES.flatMap((place) =>
      Object.keys(carried[place])
        .filter((name) => !RULES.some((rule) => nameOf(rule, carried[place]) === name))
        .map((name) => `${place}: ${name}`),
    ),
    problems: read.flatMap(({ problems }) => problems),
  };
}

interface Rule {
  readonly setting: SettingName;
  readonly name: string;
  /** Those that have a say, the strongest first. */
  readonly order: readonly Place[];
  readonly read: (text: string) => boolean | number | undefined;
  readonly wanted: string;
  readonly absent: boolean | number;
  /** The value that counts, where that is not the first. */
  readonly pick?: (values: readonly Read[]) => Read | undefined;
  readonly atLeast?: number;
}

interface Read extends Passed {
  readonly meant: boolean | number;
}

const PLACES: readonly Place[] = ["flavor", "metadata", "image"];
const BOOLEAN = "write True or False";

const RULES: readonly Rule[] = [
  {
    ...{ setting: "tunnel", name: "hw:wrs:live_migration_tunnel", order: ["metadata", "flavor"] },
    ...{ read: booleanOf, wanted: BOOLEAN, absent: false },
  },
  {
    ...{ setting: "autoConverge", name: "hw:wrs:live_migration_auto_converge", order: ["metadata", "flavor"] },
    ...{ read: booleanOf, wanted: BOOLEAN, absent: true },
  },
  {
    ...{ setting: "maxDowntimeMs", name: "hw:wrs:live_migration_max_downtime", order: ["flavor", "metadata", "image"] },
    ...{ read: wholeOf, wanted: "write milliseconds as a whole number", absent: 500, atLeast: 100 },
  },
  {
    ...{ setting: "timeoutS", name: "hw:wrs:live_migration_timeout", order: ["flavor", "metadata", "image"] },
    ...{ read: timeoutOf, wanted: "must be 0 or in the range 120 to 800, in seconds", absent: 180, pick: lowest },
  },
];

/** The lowest that is not 0; only where nobody says anything else does 0 count, which is no timeout. */
function lowest(values: readonly Read[]): Read | undefined {
  const real = values.filter(({ meant }) => meant !== 0).sort((a, b) => Number(a.meant) - Number(b.meant));
  return real[0] ?? values[0];
}

/** Under which of its two names a place has a setting; the one with colons counts where both are there. */
const nameOf = ({ name }: Rule, there: Settings): string | undefined =>
  [name, name.replaceAll(":", "_")].find((known) => Object.hasOwn(there, known));

function resolveOne(
  rule: Rule,
  carried: Carried,
): { readonly entry: SettingEntry; readonly problems: readonly SettingProblem[] } {
  const { setting, order, read, wanted, absent, pick = first, atLeast } = rule;
  const said = (places: readonly Place[]): (Passed & { readonly name: string })[] =>
    places.flatMap((origin) => {
      const name = nameOf(rule, carried[origin]);
      return name === undefined ? [] : [{ origin, name, value: carried[origin][name] ?? "" }];
    });
  const all = said(order).map((one) => ({ ...one, meant: read(one.value) }));
  const values = all.filter((one): one is typeof one & Read => one.meant !== undefined);
  const unread = all.filter(({ meant }) => meant === undefined);
  const chosen = pick(values);
  const meant = chosen?.meant ?? absent;
  const value = atLeast !== undefined && Number(meant) < atLeast ? atLeast : meant;
  return {
    entry: {
      setting,
      value,
      origin: chosen?.origin ?? "default",
      overrides: values.filter((one) => one !== chosen).map(passed),
      ignored: [...unread, ...said(PLACES.filter((place) => !order.includes(place)))].map(passed),
      ...(value === meant || chosen === undefined ? {} : { written: chosen.value }),
    },
    problems: unread.map((one) => ({
      place: one.origin,
      name: one.name,
      message: `${one.name}: ${JSON.stringify(one.value)} cannot be read: ${wanted}`,
    })),
  };
}

const first = (values: readonly Read[]): Read | undefined => values[0];
const passed = ({ origin, value }: Passed): Passed => ({ origin, value });
