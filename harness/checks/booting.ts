import type { Boot, BootEvidence } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named } from "./findings.js";
import { jobSpans, type Span } from "./job-span.js";

/** A migration that was tried, and when libvirt was at it. */
interface Tried {
  readonly record: MigrationRecord;
  readonly span: Span;
}

/**
 * Guests that were to boot during the migrations did: each was on its way up, its login not yet to be reached, at some
 * moment of every migration, and came up in the end. ERROR otherwise, since the case did not do what it says. A migrating guest that never came
 * up afterwards is a FAIL: nothing else was asked of it.
 */
export const booting: Check = ({ case: { params }, boots, migrations, events }) => {
  const spanOf = jobSpans(events);
  const tried = migrations.flatMap((record): Tried[] => {
    const span = spanOf(record);
    return span === undefined ? [] : [{ record, span }];
  });
  const besides = boots.filter(({ isMigrating }) => !isMigrating);
  const wanted = params.booting.besides + (params.booting.migrating ? params.guests.count : 0);
  const findings = [
    ...(boots.length >= wanted ? [] : [error(`${boots.length} of ${wanted} guests were booting`)]),
    ...besides.flatMap((one) => judgeBesides(one, tried)),
    ...(params.booting.migrating ? tried.flatMap((one) => judgeMigrating(one, boots)) : []),
  ];
  const all = boots.flatMap((one) => one.boots);
  return conclude(
    "booting",
    Math.min(boots.length, tried.length),
    findings,
    `${boots.length} guests were booting during every migration`,
    { boots: all.length, completedBoots: all.filter(({ loginMs }) => loginMs !== undefined).length },
  );
};

function judgeBesides({ guest, boots, lost }: BootEvidence, migrations: readonly Tried[]): Finding[] {
  if (lost !== undefined) return [error(`${guest}: was not kept booting: ${lost}`)];
  // One whose end nobody saw may as well have hung.
  const seen = boots.filter(({ loginMs }) => loginMs !== undefined);
  if (seen.length === 0) return [error(`${guest}: never came up, so nothing shows that it was booting`)];
  const without = migrations.filter(({ span }) => !seen.some((boot) => overlaps(boot, span)));
  return without.map(({ record }) => error(`${named(record)}: ${guest} was not booting while it ran`));
}

function judgeMigrating({ record, span }: Tried, all: readonly BootEvidence[]): Finding[] {
  const name = named(record);
  const { startMs: wordMs = span.startMs } = record;
  const own = all.find(({ guest, isMigrating }) => isMigrating && guest === record.guest);
  const boot = own?.boots.findLast(({ startMs }) => startMs <= wordMs);
  if (own === undefined || boot === undefined) return [error(`${name}: was not reset before it left`)];
  if (boot.loginMs === undefined) {
    const why = own.lost === undefined ? "" : `: ${own.lost}`;
    return boot.waitedMs === undefined
      ? [error(`${name}: nobody could see whether it came up${why}`)]
      : [fail(`${name}: did not come up any more${why}`)];
  }
  if (overlaps(boot, span)) return [];
  const beforeMs = Math.round(span.startMs - boot.loginMs);
  const untilMs = Math.round(span.startMs - bootingUntilMs(boot));
  return [
    error(
      beforeMs >= 0
        ? `${name}: was up ${beforeMs} ms before it left`
        : `${name}: came up about when it left: nothing shows that it was still booting in the ${untilMs} ms before`,
    ),
  ];
}

/** Since then it may have been up: a login takes its time, and one that hung may take long. */
const bootingUntilMs = ({ unreachableUntilMs, loginMs }: Boot): number =>
  unreachableUntilMs ?? loginMs ?? Number.POSITIVE_INFINITY;

const overlaps = (boot: Boot, { startMs, endMs }: Span): boolean =>
  boot.startMs < endMs && bootingUntilMs(boot) > startMs;
