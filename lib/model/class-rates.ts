import type { Params } from "./params.js";

/** Handles of the tree: its root class, and one for each kind of traffic. */
export const CLASS_IDS = { link: "1:1", management: "1:10", storage: "1:20", migration: "1:30" } as const;

export interface ClassRate {
  readonly id: string;
  /** Guaranteed, kbit/s. */
  readonly rateKbps: number;
  /** What it may borrow up to, kbit/s. */
  readonly ceilKbps: number;
}

type Kind = Exclude<keyof typeof CLASS_IDS, "link">;

/** Of the link, where the scenario does not say it. */
const SHARES: Readonly<Record<Kind, number>> = { management: 1 / 2, storage: 1 / 4, migration: 1 / 4 };

/** The rates of one class: what the scenario says, else its share of the link; it may borrow all of it. */
export const classRate = (classes: Params["classes"], kind: Kind): ClassRate => ({
  id: CLASS_IDS[kind],
  rateKbps: Math.round((classes[kind].rate ?? classes.link * SHARES[kind]) * 1000),
  ceilKbps: (classes[kind].ceil ?? classes.link) * 1000,
});
