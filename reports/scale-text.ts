import type { Profile, WrittenChange, WrittenRule } from "../lib/model/profile.js";

/**
 * What a profile does to each parameter: `guests.memory: × 0.0625, at least 160MiB`; of a rule with what it is for,
 * `with postcopy, migration.bandwidthMiBps: 20`. Foreign text: escape it.
 */
export const scaleTexts = ({ scale, rules = [] }: Profile): string[] => [
  ...changeTexts(scale),
  ...rules.flatMap((rule) =>
    [...changeTexts(rule.scale ?? {}), ...wordTexts(rule)].map((text) => `with ${whenText(rule)}, ${text}`),
  ),
];

const changeTexts = (scale: Profile["scale"]): string[] =>
  Object.entries(scale).map(([path, change]) => `${path}: ${changeText(change)}`);

const wordTexts = ({ choose = {} }: WrittenRule): string[] =>
  Object.entries(choose).map(([path, word]) => `${path}: ${word}`);

const whenText = ({ when: { variants, tags, without } }: WrittenRule): string =>
  [orOf("", variants), orOf("", tags), orOf("not ", without)].flat().join(" and ");

const orOf = (before: string, words: string | readonly string[] = []): string[] =>
  words.length === 0 ? [] : [`${before}${[words].flat().join(" or ")}`];

const changeText = ({ set, times, atLeast, atMost }: WrittenChange): string =>
  [
    ...(set === undefined ? [] : [String(set)]),
    ...(times === undefined ? [] : [`× ${times}`]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(", ");
