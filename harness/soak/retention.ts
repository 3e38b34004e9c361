import type { PassSummary } from "../../lib/model/soak.js";

/** How much of its passes a soak leaves on the disk. */
export const RETENTION = {
  /** Latest passes that were all OK of which everything is kept. */
  wholeOk: 10,
  /** Their size together: with captures that are kept a pass may have gigabytes. */
  wholeOkBytes: 2 * 2 ** 30,
  /** Passes before those that keep their results and summary; of still older ones soak.json has the sums. */
  reduced: 1_000,
  /** Passes that were not OK of which everything is kept, the first ones: later ones mostly tell the same. */
  wholeNotOk: 50,
  /** Their size together. */
  wholeNotOkBytes: 2 * 2 ** 30,
} as const;

/** What is to be kept of each pass from now on; nothing comes back that was given up. Pure. */
export function retained(passes: readonly PassSummary[], limits: Readonly<Record<keyof typeof RETENTION, number>>) {
  const whole = new Set([...latestOk(passes, limits), ...firstNotOk(passes, limits)]);
  const others = passes.filter((pass) => pass.kept !== "gone" && !(pass.kept === "whole" && whole.has(pass)));
  const reduced = new Set(others.slice(-limits.reduced));
  return passes.map((pass): PassSummary => {
    if (pass.kept === "whole" && whole.has(pass)) return pass;
    const kept = reduced.has(pass) ? "reduced" : "gone";
    return kept === pass.kept ? pass : { ...pass, kept };
  });
}

export const isOk = ({ exitCode }: Pick<PassSummary, "exitCode">): boolean => exitCode === 0;

/** The oldest go until the rest is within both limits; one that is too large by itself goes as well. */
function latestOk(
  passes: readonly PassSummary[],
  { wholeOk, wholeOkBytes }: { readonly wholeOk: number; readonly wholeOkBytes: number },
): PassSummary[] {
  let bytes = 0;
  const latestFirst = passes.filter(isOk).slice(-wholeOk).reverse();
  return latestFirst.filter((pass) => {
    bytes += pass.bytes;
    return bytes <= wholeOkBytes;
  });
}

/** The journals of a pass that left something on a host are what puts it back: they are never given up. */
function firstNotOk(
  passes: readonly PassSummary[],
  { wholeNotOk, wholeNotOkBytes }: { readonly wholeNotOk: number; readonly wholeNotOkBytes: number },
): PassSummary[] {
  let [count, bytes] = [0, 0];
  return passes.filter((pass) => {
    if (isOk(pass) || pass.kept !== "whole") return false;
    if (pass.isDirty) return true;
    if (count + 1 > wholeNotOk || bytes + pass.bytes > wholeNotOkBytes) return false;
    count += 1;
    bytes += pass.bytes;
    return true;
  });
}
