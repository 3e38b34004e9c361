import type { Case } from "../lib/model/case.js";
import { shuffled } from "./random.js";

export const ORDERS = ["file", "grouped", "shuffled"] as const;
/** `file`: as the scenarios say; `grouped`: cases with equal guests together; `shuffled`: by the seed. */
export type Order = (typeof ORDERS)[number];

/** The cases in the order in which they are to run; ids stay. Pure. */
export function ordered(cases: readonly Case[], order: Order, seed: number): Case[] {
  if (order === "shuffled") return shuffled(cases, seed);
  return order === "grouped" ? grouped(cases) : [...cases];
}

/** Groups in the order of their first case, and in each the order that was there. */
function grouped(cases: readonly Case[]): Case[] {
  const groups = new Map<string, Case[]>();
  for (const testCase of cases) {
    const key = guestsKey(testCase);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [testCase]);
    else group.push(testCase);
  }
  return [...groups.values()].flat();
}

/** The same for cases that start the same guests on the same hosts: cross alone starts half of them on the target. */
export const guestsKey = ({ params: { guests, movement } }: Case): string =>
  JSON.stringify([movement.pattern === "cross", Object.entries(guests).sort(([a], [b]) => (a < b ? -1 : 1))]);
