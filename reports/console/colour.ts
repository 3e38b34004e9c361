import type { Status } from "../../lib/model/status.js";

const CODES: Readonly<Record<Status, number>> = {
  PASS: 32,
  WARN: 33,
  SKIP: 36,
  CANCEL: 36,
  FAIL: 31,
  ERROR: 35,
  INTERRUPTED: 35,
};

/** Avocado's word for a verdict. */
export const labelOf = (status: Status): string => (status === "INTERRUPTED" ? "INTERRUPT" : status);

/** The verdict's word, in its colour when the terminal may have colours. */
export const paintedLabel = (status: Status, hasColour: boolean): string =>
  hasColour ? `\u001b[1;${CODES[status]}m${labelOf(status)}\u001b[0m` : labelOf(status);
