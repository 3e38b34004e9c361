import type { PassSummary, SoakSummary, TrendWord, WatchedFigure } from "../lib/model/soak.js";
import { OK_STATUSES, STATUSES } from "../lib/model/status.js";

/** What is said of a figure. */
export const TREND_WORDS: Readonly<Record<TrendWord, string>> = {
  grows: "grows",
  steady: "does not grow",
  "too-few": "not enough passes to tell",
};

export const growing = ({ figures }: SoakSummary): WatchedFigure[] =>
  figures.filter(({ trend }) => trend.word === "grows");

/** Every case came to a good end, and every host was put back. */
export const passIsOk = ({ exitCode }: PassSummary): boolean => exitCode === 0;

/** How many passes are over, and how many of them were OK, those without a line among them. */
export const passCounts = ({ passes, earlier }: Pick<SoakSummary, "passes" | "earlier">) => ({
  all: (earlier?.passes ?? 0) + passes.length,
  ok: (earlier?.ok ?? 0) + passes.filter(passIsOk).length,
});

/** `6 PASS, 1 FAIL`: the verdicts that occur, the grave ones last. */
export const countsText = ({ counts }: Pick<PassSummary, "counts">): string =>
  [...STATUSES.filter((status) => OK_STATUSES.has(status)), ...STATUSES.filter((status) => !OK_STATUSES.has(status))]
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
    .join(", ");

/** A value of a figure: memory in MiB. */
export const figureText = ({ unit }: Pick<WatchedFigure, "unit">, value: number): string =>
  unit === "KiB" ? `${(value / 1024).toFixed(1)} MiB` : String(value);

/** A slope, with its sign: memory in KiB. */
export const slopeText = ({ unit }: Pick<WatchedFigure, "unit">, slope: number | undefined): string | undefined => {
  if (slope === undefined) return undefined;
  const digits = Math.abs(slope) >= 100 ? 0 : 2;
  const text = slope.toFixed(digits).replace(/^-(0(?:\.0+)?)$/, "$1");
  return `${slope > 0 ? "+" : ""}${text}${unit === "KiB" ? " KiB" : ""}`;
};
