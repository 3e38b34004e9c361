import type { DomainEvent, EventPause, GuestEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import { type Finding, named, warn } from "./findings.js";

/** What libvirt said of a guest at one time, or what a time without events leaves of it. */
export interface Moment {
  readonly atMs: number;
  readonly host: string;
  /** Whether the guest runs there from now on; undefined: this says nothing about it. */
  readonly runs: boolean | undefined;
}

/**
 * All moments of one guest in order. While a host tells nothing, it is not taken to run the guest: its end may go untold. It
 * did so all the same, if it ran the guest before and what it tells next is that the guest leaves. That alone proves nothing:
 * one that is suspended, or waits for its memory, is stopped too.
 */
export function momentsOf(
  { takenOverOn }: Pick<GuestEvidence, "takenOverOn">,
  events: readonly DomainEvent[],
  pauses: readonly EventPause[],
): Moment[] {
  const told = events.map((event) => ({ atMs: event.atMs, host: event.host, runs: isRunning(event) }));
  // One that an earlier case has left ran from the beginning.
  const first = takenOverOn === undefined ? [] : [{ atMs: 0, host: takenOverOn, runs: true }];
  const known = [...first, ...told.filter(({ runs }) => runs !== undefined).sort(byTime)];
  const ranBefore = ({ host, fromMs }: Pick<EventPause, "host" | "fromMs">): boolean =>
    known.findLast((moment) => moment.host === host && moment.atMs <= fromMs)?.runs === true;
  const edges = pauses.flatMap(({ host, fromMs, toMs }): Moment[] => {
    const next = events.filter((event) => event.host === host && event.atMs >= toMs).sort(byTime)[0];
    const stayed = next !== undefined && hasLeft(next) && ranBefore({ host, fromMs });
    return [{ atMs: fromMs, host, runs: false }, ...(stayed ? [{ atMs: toMs, host, runs: true }] : [])];
  });
  return [...first, ...[...told, ...edges].sort(byTime)];
}

const byTime = (a: { readonly atMs: number }, b: { readonly atMs: number }): number => a.atMs - b.atMs;

/**
 * Migrations during which one of the two hosts told nothing, while the guest ran on the other one. Where that one told that
 * it did not run the guest, nothing is left to prove.
 */
export function unprovenIn(
  record: MigrationRecord,
  pauses: readonly EventPause[],
  moments: readonly Moment[],
): Finding[] {
  const { source, target, startMs, endMs = Number.POSITIVE_INFINITY } = record;
  // Of one that was not tried there is nothing to prove.
  if (startMs === undefined) return [];
  return pauses
    .filter(({ host, fromMs, toMs }) => (host === source || host === target) && fromMs <= endMs && toMs >= startMs)
    .flatMap((pause) => {
      const other = pause.host === source ? target : source;
      if (!ranWithin(moments, other, pause)) return [];
      const what = `${pause.host} told no events for ${seconds(pause.toMs - pause.fromMs)}, its libvirtd being away`;
      return [warn(`${named(record)}: ${what}: that the guest ran on ${other} alone is not proven for that time`)];
    });
}

function ranWithin(moments: readonly Moment[], where: string, { fromMs, toMs }: EventPause): boolean {
  const known = moments.filter(({ host, runs }) => host === where && runs !== undefined);
  return (
    known.findLast(({ atMs }) => atMs <= fromMs)?.runs === true ||
    known.some(({ atMs, runs }) => runs === true && atMs > fromMs && atMs <= toMs)
  );
}

/** For a verdict that holds all the same; empty where nobody was away. */
export function pausesTold(pauses: readonly EventPause[]): string {
  const hosts = [...new Set(pauses.map(({ host }) => host))];
  return hosts
    .map((name) => {
      const ms = pauses.reduce((sum, { host, fromMs, toMs }) => sum + (host === name ? toMs - fromMs : 0), 0);
      return `; without events of ${name} for ${seconds(ms)}, while its libvirtd was away`;
    })
    .join("");
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A guest that runs no more, as its host tells it. */
export const hasLeft = ({ detail }: DomainEvent): boolean => /^(?:Suspended|Stopped)\b/.test(detail);

/** `Started Migrated` is the target waiting for the memory, not yet running. `undefined`: says nothing about it. */
export function isRunning({ detail }: DomainEvent): boolean | undefined {
  if (/^(?:Resumed|Started (?:Booted|Restored|Snapshot|Event wakeup))\b/.test(detail)) return true;
  if (/^(?:Suspended|Stopped|Shutdown|Crashed|PMSuspended|Started Migrated)\b/.test(detail)) return false;
  return undefined;
}
