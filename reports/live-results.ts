import { STATUSES, type Status } from "../lib/model/status.js";

/**
 * The verdicts of a job from the beginning of its `results.json`, where they stand, so that a list of a thousand jobs does not
 * read gigabytes. @returns absent when they are not there
 */
export function countsOfHead(head: string): Readonly<Record<Status, number>> | undefined {
  const text = /^\{\s{0,9}"schema":\s{0,9}"[^"]{1,60}",\s{0,9}"summary":\s{0,9}(\{[^{}]{1,2000}\})/.exec(head)?.[1];
  if (text === undefined) return undefined;
  try {
    const told: Partial<Record<Status, unknown>> = JSON.parse(text);
    const counts = STATUSES.map((status) => [status, told[status]] as const);
    if (!counts.every(([, count]) => Number.isSafeInteger(count) && Number(count) >= 0)) return undefined;
    return Object.fromEntries(counts) as Record<Status, number>;
  } catch {
    // Damaged: as good as none.
    return undefined;
  }
}
