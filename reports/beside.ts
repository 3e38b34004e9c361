/** File name of a case's charts, beside its `evidence.json`. */
export const CASE_CHARTS = "charts.html";

/** What was written beside the reports, for them to point to it. */
export interface Beside {
  /** Ids of the cases that have a page of charts. */
  readonly charts: ReadonlySet<string>;
}

/** A report alone, e.g. one that is sent by mail. */
export const NOTHING_BESIDE: Beside = { charts: new Set() };

/** Of a case whose hosts were kept: how to look at them. */
export const LOOK_FILE = "look.txt";
