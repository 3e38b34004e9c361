import type { PassSummary } from "../../lib/model/soak.js";
import { isOk } from "./retention.js";

export interface SoakState {
  /** Those that are over; of the oldest there may be only the number. */
  readonly passes: readonly PassSummary[];
  readonly earlier?: number;
  /** Why it was stopped from outside. */
  readonly stopped: string | undefined;
  readonly timeIsUp: string | undefined;
  /** Most passes that are wanted. */
  readonly most: number | undefined;
  readonly untilFail: boolean;
}

/** Why no further pass is to begin, the gravest reason first; `undefined` when one is. Pure. */
export function whyEnded({ passes, earlier = 0, stopped, timeIsUp, most, untilFail }: SoakState): string | undefined {
  const last = passes.at(-1);
  return (
    stopped ??
    (last && whyLast(last, passes.at(-2), untilFail)) ??
    (earlier + passes.length >= (most ?? Number.POSITIVE_INFINITY) ? "all passes were run" : timeIsUp)
  );
}

/** Hosts that are away are given a second chance, except at the very beginning: then they were never there. */
function whyLast(last: PassSummary, before: PassSummary | undefined, untilFail: boolean): string | undefined {
  const { pass, reason, isDirty, isKept } = last;
  if (isKept) return `pass ${pass} is kept to be looked at: \`migstorm release\` puts its hosts back`;
  if (isDirty)
    return `pass ${pass} ${reason === undefined ? "left a host changed" : `broke off (${reason})`}: \`migstorm recover\` puts it back`;
  if (reason !== undefined && (before === undefined || before.reason !== undefined))
    return `pass ${pass} could not be run: ${reason}`;
  return untilFail && !isOk(last) ? `pass ${pass} was not OK` : undefined;
}
