/** The words of nova, which takes them from oslo.utils (`bool_from_string`). */
const TRUE: readonly string[] = ["1", "t", "true", "on", "y", "yes"];
const FALSE: readonly string[] = ["0", "f", "false", "off", "n", "no"];

/** `True`, `0`, `yes` → boolean; undefined for any other word. */
export function booleanOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : undefined;
}

/** A whole number of at most nine digits; undefined for anything else. */
export function wholeOf(text: string): number | undefined {
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/** Seconds as nova takes them for a timeout: 0, or 120 to 800. */
export function timeoutOf(text: string): number | undefined {
  const seconds = wholeOf(text);
  return seconds === 0 || (seconds !== undefined && seconds >= 120 && seconds <= 800) ? seconds : undefined;
}
