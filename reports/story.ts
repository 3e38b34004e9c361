import { plainLines } from "../lib/model/plain-text.js";
import type { CaseResult } from "../lib/model/result.js";

const LIMIT_BYTES = 8 * 1024;

/**
 * What a person reads who has only this file: the most telling lines last, because the end is what is kept, 8 KiB of it.
 * Plain text over several lines; escape it.
 */
export const story = ({ migrations, checks, reason, leftovers }: CaseResult): string =>
  tail(
    plainLines(
      [
        ...migrations
          .filter(({ outcome }) => outcome !== "completed")
          .map(({ leg, guest, source, target, outcome, error = "" }) =>
            `leg ${leg}: ${guest} ${source} -> ${target} ${outcome} ${error}`.trimEnd(),
          ),
        ...[...checks]
          .sort((a, b) => Number(b.status === "PASS") - Number(a.status === "PASS"))
          .map(({ check, status, message }) => `${status.padEnd(5)} ${check}: ${message}`),
        ...leftovers.map((left) => `not put back: ${left}`),
        ...(reason === undefined ? [] : [`reason: ${reason}`]),
      ].join("\n"),
    ),
  );

function tail(whole: string): string {
  const bytes = Buffer.from(whole);
  if (bytes.length <= LIMIT_BYTES) return whole;
  const kept = bytes.subarray(bytes.length - LIMIT_BYTES).toString();
  return `[the beginning is left out]\n${kept.replace(/^\ufffd+/, "")}`;
}
