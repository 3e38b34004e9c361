import type { MigrationRecord } from "../../lib/model/migration.js";
import { optionsOfRecords } from "../../lib/model/options-of-leg.js";
import type { MigrationOptions } from "../../lib/model/params.js";
import type { Check } from "./check.js";
import { conclude, error, named, warn } from "./findings.js";
import { jobSpans } from "./job-span.js";
import { switchedToPostcopy } from "./postcopy.js";
import { LATE_MS } from "./told.js";

/**
 * A migration that was to switch to postcopy did. One that was over before the switch has shown precopy only; where the
 * switch waits for a timeout, that is as it should be when the timeout had not passed.
 */
export const mode: Check = (evidence) => {
  const optionsOf = optionsOfRecords(evidence);
  const { migrations, events, eventGaps } = evidence;
  const completed = migrations.filter(({ outcome }) => outcome === "completed");
  const switched = switchedToPostcopy(events, migrations);
  const spanOf = jobSpans(events);
  const tookMs = (record: MigrationRecord): number => {
    const { startMs = 0, endMs = 0 } = spanOf(record) ?? {};
    return endMs - startMs;
  };
  // Once it has switched it may be over so soon that its length does not show it.
  const due = completed.filter((record) => switched(record) || tookMs(record) > waitMs(optionsOf(record)));
  const without = due.filter((record) => !switched(record));
  const told = eventGaps.length === 0 ? warn : error;
  return conclude(
    "mode",
    completed.length,
    without.map((record) => told(`${named(record)}: finished in precopy, nothing shows a switch to postcopy`)),
    due.length === 0 ? "every migration was over before its timeout" : `${due.length} migrations switched to postcopy`,
    { due: due.length, switched: due.length - without.length },
  );
};

/** So long it may take without a switch, milliseconds. */
const waitMs = ({ timeout, timeoutAction }: MigrationOptions): number =>
  timeout !== undefined && timeoutAction === "postcopy" ? timeout + LATE_MS : Number.NEGATIVE_INFINITY;
