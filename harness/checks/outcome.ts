import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Params } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named } from "./findings.js";

/**
 * Every planned migration took place and ended as the scenario expects.
 *
 * `not-started` and `unknown` are ERROR: they say nothing about the migration. One that had to be aborted because it
 * took too long is a FAIL where it had to complete, and no proof where it had to fail. Where the scenario says what the
 * error has to tell, a failure for another reason is a FAIL too.
 */
export const outcome: Check = ({ case: { params }, legs, migrations }) => {
  const plannedLegs = params.movement.rounds * 2;
  const planned = legs.flatMap(({ number, moves }) => moves.map(({ guest }) => ({ guest, leg: number })));
  const records = new Map(migrations.map((record) => [named(record), record]));
  const findings = [
    ...(legs.length === plannedLegs ? [] : [error(`${legs.length} of ${plannedLegs} legs were run`)]),
    ...legs
      .filter(({ moves }) => moves.length === 0)
      .map(({ number }) => error(`nothing was to move in leg ${number}`)),
    ...planned.flatMap((move) => judge(records.get(named(move)), named(move), params.expect)),
  ];
  const completed = migrations.filter((record) => record.outcome === "completed").length;
  return conclude(
    "outcome",
    planned.length,
    findings,
    `${planned.length} migrations ${params.expect.outcome}, as expected`,
    { planned: planned.length, completed },
  );
};

function judge(
  record: MigrationRecord | undefined,
  name: string,
  { outcome: expected, error: words }: Params["expect"],
): Finding[] {
  if (record === undefined) return [error(`${name}: there is no record`)];
  if (record.outcome === expected) return expected === "failed" ? wrongWords(record, name, words) : [];
  const message = `${name}: ${record.outcome}${record.error === undefined ? "" : ` (${record.error})`}, expected ${expected}`;
  const proven =
    expected === "completed"
      ? record.outcome === "failed" || record.outcome === "aborted"
      : record.outcome === "completed";
  return [proven ? fail(message) : error(message)];
}

/** It failed as it was to; whether for the reason that was meant, its words tell. */
function wrongWords({ error: told }: MigrationRecord, name: string, words: string | undefined): Finding[] {
  if (words === undefined || told?.includes(words)) return [];
  return told === undefined
    ? [error(`${name}: failed, and nobody told why: expected "${words}"`)]
    : [fail(`${name}: failed with "${told}", expected "${words}"`)];
}
