import type { Mark } from "./html/lanes.js";

/** File names of what lies beside a case's `evidence.json`. */
export const CASE_PAGE = "case.html";
export const CASE_LOGS = "logs.html";

/** What the reports say of a case from what lies with it. */
export interface BesideCase {
  /** Whether there is a page of its logs, for checks to point to their lines. */
  readonly hasLogs: boolean;
  /** What happened to its guests and hosts at moments that are known. */
  readonly marks: readonly Mark[];
  /** Charts as markup, to stand in the page itself; absent: they lie beside it. */
  readonly charts?: string;
}

/** What was written beside the reports, for them to point to it. */
export interface Beside {
  /** Cases that have a page of their own, by id. */
  readonly cases: ReadonlyMap<string, BesideCase>;
  /** The page goes out alone: it points to nothing beside it, and says this of what it leaves out. */
  readonly alone?: string;
}

/** A report alone. */
export const NOTHING_BESIDE: Beside = { cases: new Map() };

/** Of a case whose hosts were kept: how to look at them. */
export const LOOK_FILE = "look.txt";
