import type { Profile, WrittenChange } from "../lib/model/profile.js";

/** What a profile does to each parameter: `guests.memory: × 0.0625, at least 160MiB`. Foreign text: escape it. */
export const scaleTexts = ({ scale }: Profile): string[] =>
  Object.entries(scale).map(([path, change]) => `${path}: ${changeText(change)}`);

const changeText = ({ set, times, atLeast, atMost }: WrittenChange): string =>
  [
    ...(set === undefined ? [] : [String(set)]),
    ...(times === undefined ? [] : [`× ${times}`]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(", ");
