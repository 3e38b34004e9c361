import type { Check } from "./check.js";
import { conclude, error } from "./findings.js";
import { agree } from "./path-agreement.js";

/**
 * The captures and the counters of the hosts have seen the same. Whatever speaks against it is ERROR: it says nothing of the
 * migrations, but neither of the two can be shown as proof then.
 */
export const capture: Check = ({ path }) => {
  const captures = path?.captures ?? [];
  const packets = captures.reduce((sum, one) => sum + one.packets, 0);
  const dropped = captures.reduce((sum, one) => sum + (one.dropped ?? 0), 0);
  const findings = [
    ...captures.flatMap(({ host, problem }) => (problem === undefined ? [] : [error(`${host}: ${problem}`)])),
    ...agree(captures, path?.totals ?? []).map(error),
  ];
  const content = `${packets} packets were captured, and the counters agree with them`;
  return conclude("capture", captures.length, findings, content, { packets, dropped });
};
