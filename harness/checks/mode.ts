import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, named, warn } from "./findings.js";
import { LATE_MS, switchedToPostcopy } from "./postcopy.js";

/**
 * A migration that was to switch to postcopy did. One that was over before the switch has shown precopy only; where the
 * switch waits for a timeout, that is as it should be when the timeout had not passed.
 */
export const mode: Check = ({ case: { params }, migrations, events, eventGaps }) => {
  const { timeout, timeoutAction } = params.migration;
  const waits = timeout !== undefined && timeoutAction === "postcopy";
  const completed = migrations.filter(({ outcome }) => outcome === "completed");
  const due = completed.filter((record) => !waits || durationMs(record) > timeout + LATE_MS);
  const switched = switchedToPostcopy(events);
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

const durationMs = ({ startMs = 0, endMs = 0 }: MigrationRecord): number => endMs - startMs;
