import { shortText } from "../short-text.js";

/** How the document writes numbers and foreign text. */

const TEXT_LIMIT = 240;

/**
 * Foreign text as code, so that nothing in it is syntax or a link; also in a table, where GitHub takes a stroke for the end of a
 * cell even within code.
 */
export function code(text: string): string {
  const short = shortText(text, TEXT_LIMIT).replaceAll("`", "'").replaceAll("|", "\\|");
  return short === "" ? "–" : `\`${short}\``;
}

const HARMLESS = /^(?!.*(?:www\.|\/\/))[\w .,()/+–-]*$/i;

/** Foreign text that is but words and numbers as it stands, any other as code. */
export const plainOrCode = (text: string): string => (HARMLESS.test(text) ? shortText(text, TEXT_LIMIT) : code(text));

/** `1,312`. */
export const whole = (value: number): string => String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** `6.0`; from a hundred on whole. */
export const seconds = (ms: number): string => (ms < 100_000 ? (ms / 1000).toFixed(1) : whole(ms / 1000));

/** `30 %`, small shares with a decimal; of nothing there is no share. */
export function percent(part: number, all: number): string {
  if (all === 0) return "–";
  const value = (part / all) * 100;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

export const plural = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Between two neighbours in proportion; of nothing there is none. */
export function quantile(values: readonly number[], part: number): number | undefined {
  const inOrder = [...values].sort((a, b) => a - b);
  const position = (inOrder.length - 1) * part;
  const [below, above] = [inOrder[Math.floor(position)], inOrder[Math.ceil(position)]];
  return below === undefined || above === undefined ? undefined : below + (above - below) * (position % 1);
}

export const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;

/** A table with its head and an empty line behind it. The first column is text, those of `numbers` are set to the right. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numbers: readonly number[] = [],
): string[] => [
  row(head),
  row(head.map((_, column) => (numbers.includes(column) ? "---:" : "---"))),
  ...rows.map(row),
  "",
];
