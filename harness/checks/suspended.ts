import type { Check } from "./check.js";
import { conclude, named, warn } from "./findings.js";

/** No guest had to be suspended for its migration to come to an end. It is allowed, but not what `live` promises. */
export const suspended: Check = ({ migrations }) => {
  const tried = migrations.filter(({ startMs }) => startMs !== undefined);
  const stopped = tried.filter(({ timeoutSuspended }) => timeoutSuspended === true);
  return conclude(
    "suspended",
    tried.length,
    stopped.map((record) => warn(`${named(record)}: suspended because the timeout had passed`)),
    "no migration took longer than its timeout",
    { suspended: stopped.length, migrations: tried.length },
  );
};
