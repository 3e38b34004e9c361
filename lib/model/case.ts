import type { Params } from "./params.js";

/** One combination of a scenario's axes. Everything a case needs is in here; nothing is looked up later. */
export interface Case {
  /** Stable: the same YAML gives the same id on every machine. Also the name of its folder in the results. */
  readonly id: string;
  readonly scenario: string;
  /** Names of the chosen variants, coarse to fine: the user's words for filters. */
  readonly variants: readonly string[];
  readonly tags: readonly string[];
  /** Ids of the tests in the documents the scenario comes from. */
  readonly testIds: readonly string[];
  readonly params: Params;
}
