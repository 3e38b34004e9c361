import type { Progress } from "../../lib/model/event.js";
import { fitted, safeText, widthOf } from "./safe-text.js";

export type LiveProgress = Progress & {
  /** Place of the case in the job, from 1. */
  readonly index: number;
  readonly total: number;
  /** Since the case started. */
  readonly elapsedMs: number;
};

const SHORTEST_ID = 16;

/**
 * One line about the case under way: case, phase, guest, remaining memory, time. Never longer than `columns` allow; what
 * has to go first is the end of the case's id.
 */
export function liveLine(progress: LiveProgress, columns: number): string {
  const { index, total, caseId } = progress;
  const head = `(${index}/${total}) `;
  const rest = parts(progress)
    .map((part) => ` | ${part}`)
    .join("");
  // A line that fills the last place makes some terminals wrap, and then the line cannot be taken back.
  const room = Math.max(0, columns - 1);
  const forId = Math.max(SHORTEST_ID, room - widthOf(head) - widthOf(rest));
  return fitted(`${head}${fitted(caseId, forId)}${rest}`, room);
}

const parts = ({ phase, guest, remainingBytes, totalBytes, elapsedMs }: LiveProgress): string[] => [
  safeText(phase),
  ...(guest === undefined ? [] : [safeText(guest)]),
  ...(remainingBytes === undefined ? [] : [remaining(remainingBytes, totalBytes)]),
  `${Math.floor(elapsedMs / 1000)} s`,
];

const remaining = (bytes: number, ofBytes: number | undefined): string =>
  `${mebibytes(bytes)}${ofBytes === undefined ? "" : ` of ${mebibytes(ofBytes)}`} MiB left`;

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
