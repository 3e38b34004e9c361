import type { Profile } from "./profile.js";
import type { Status } from "./status.js";

/** One number that was read between two passes. */
export interface Reading {
  /** A host, or `runner`. */
  readonly where: string;
  /** `libvirtd memory`, `domains`. Unique for its place. */
  readonly what: string;
  readonly unit: "KiB" | "count";
  readonly value: number;
  /** Process that it was read of: numbers of two processes are not compared. */
  readonly pid?: number;
}

/** A line of `leaks.ndjson`. */
export interface LeakSample {
  /** The pass that was over, from 1; 0: before the first. */
  readonly pass: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Milliseconds since the soak began, monotonic clock. */
  readonly monoMs: number;
  readonly readings: readonly Reading[];
  /** Hosts that could not be looked at, and why. */
  readonly problems: readonly string[];
}

/** Whether a figure grows beyond its noise; `too-few`: not enough passes to tell. */
export type TrendWord = "grows" | "steady" | "too-few";

/** How a figure went from pass to pass. */
export interface Trend {
  readonly word: TrendWord;
  /** Passes that the verdict and the slopes rest on; the first ones, while everything warms up, are left out. */
  readonly passes: number;
  /** Least-squares slopes; absent with fewer than two passes. */
  readonly perPass?: number;
  readonly perHour?: number;
  /** How probable such a rise, or a clearer one, is by chance (Mann-Kendall, one-sided). Absent when it is too few. */
  readonly chance?: number;
}

export interface WatchedFigure extends Pick<Reading, "where" | "what" | "unit"> {
  /** Before the first pass where it was there then. */
  readonly first: number;
  readonly last: number;
  /** How often another process had taken its place; only what came after the last time is compared. */
  readonly restarts: number;
  readonly trend: Trend;
}

/** What is kept of a pass; `pass.json` in its folder. */
export interface PassSummary {
  /** From 1. */
  readonly pass: number;
  /** Also the name of its folder. */
  readonly jobId: string;
  readonly seed: number;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** As `run` would have ended. */
  readonly exitCode: number;
  readonly counts: Readonly<Record<Status, number>>;
  /** It left something on a host, or broke off in its cases, so that nobody knows. */
  readonly isDirty: boolean;
  /** Its hosts are as a case left them, to be looked at. */
  readonly isKept?: boolean;
  /** Why it could not be run, or broke off; absent when it has verdicts. */
  readonly reason?: string;
  /** Of its folder when it was whole. */
  readonly bytes: number;
  /** Its whole folder, its results and this summary alone, or nothing: then it goes into the sums of `soak.json`. */
  readonly kept: "whole" | "reduced" | "gone";
}

/** What is known of passes that have no line any more: their sums. */
export interface EarlierPasses {
  readonly passes: number;
  /** Of them, those that were OK. */
  readonly ok: number;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Theirs together, as bits. */
  readonly exitCode: number;
  readonly counts: PassSummary["counts"];
}

/** `soak.json`. */
export interface SoakSummary {
  readonly soakId: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly version: string;
  readonly argv: readonly string[];
  readonly seed: number;
  readonly profile?: Profile;
  readonly hosts: readonly string[];
  readonly cases: number;
  /** Why it ended; absent while it runs, and after the end of the runner. */
  readonly ended?: string;
  /** Worst of its passes, as bits. */
  readonly exitCode: number;
  /** Those of which something is kept, in their order. */
  readonly passes: readonly PassSummary[];
  /** Absent: every pass still has its line. */
  readonly earlier?: EarlierPasses;
  readonly figures: readonly WatchedFigure[];
}
