import type { MigrationRecord } from "../../lib/model/migration.js";
import { optionsOfRecords } from "../../lib/model/options-of-leg.js";
import type { Params } from "../../lib/model/params.js";
import { plainText } from "../../lib/model/plain-text.js";
import { saysNothing } from "../../lib/model/said-by.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, fail, named, warn } from "./findings.js";

/**
 * Every planned migration took place and ended as the scenario expects.
 *
 * `not-started` and `unknown` are ERROR: they say nothing about the migration. One that had to be aborted because it
 * took too long is a FAIL where it had to complete, and no proof where it had to fail. Where the scenario says what the
 * error has to tell, a failure for another reason is a FAIL too. Where the timeout itself is to give a migration up, that it
 * did is a failure like any other.
 */
export const outcome: Check = (evidence) => {
  const { legs, migrations } = evidence;
  const { params } = evidence.case;
  const optionsOf = optionsOfRecords(evidence);
  const plannedLegs = params.movement.rounds * 2;
  const planned = legs.flatMap(({ number, moves }) => moves.map(({ guest }) => ({ guest, leg: number })));
  const records = new Map(migrations.map((record) => [named(record), record]));
  const findings = [
    ...(legs.length === plannedLegs ? [] : [error(`${legs.length} of ${plannedLegs} legs were run`)]),
    ...legs
      .filter(({ moves }) => moves.length === 0)
      .map(({ number }) => error(`nothing was to move in leg ${number}`)),
    ...planned.flatMap((move) => judge(records.get(named(move)), named(move), params.expect, optionsOf)),
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
  optionsOf: ReturnType<typeof optionsOfRecords>,
): Finding[] {
  if (record === undefined) return [error(`${name}: there is no record`)];
  // What is given up at the timeout that the migration was told has ended as it was to.
  const isTimeout = record.outcome === "aborted" && optionsOf(record).timeoutAction === "abort";
  if (expected === "failed" && (record.outcome === "failed" || isTimeout)) return wrongWords(record, name, words);
  if (expected === "completed-or-timeout" && isTimeout)
    return [warn(`${name}: given up at its timeout: ${wordsOf(record)}`)];
  if (expected !== "failed" && record.outcome === "completed") return [];
  const message = `${name}: ${record.outcome}${record.error === undefined ? "" : ` (${wordsOf(record)})`}, expected ${expected}`;
  const proven =
    expected !== "failed"
      ? record.outcome === "failed" || record.outcome === "aborted"
      : record.outcome === "completed";
  return [proven ? fail(message) : error(message)];
}

/** Results of older versions have none where virsh wrote nothing. */
const wordsOf = ({ error: told = "" }: MigrationRecord): string => (plainText(told) === "" ? "nobody told why" : told);

/** It failed as it was to; whether for the reason that was meant, its words tell. */
function wrongWords({ error: told }: MigrationRecord, name: string, words: string | undefined): Finding[] {
  if (words === undefined || told?.includes(words)) return [];
  return told === undefined || saysNothing(told)
    ? [error(`${name}: failed, and nobody told why: expected "${words}"`)]
    : [fail(`${name}: failed with "${told}", expected "${words}"`)];
}
