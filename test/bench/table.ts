/** One part of the benchmark: rows for people, data for programs. */
export interface Part {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Ends up in the JSON under the part's name. */
  readonly data: unknown;
}

/** Columns as wide as their widest cell; the first is text, the others are numbers. */
export function tableText({ title, head, rows }: Part): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [title, line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ""].join("\n");
}

export const ms = (value: number): string => value.toFixed(0);
export const ratio = (value: number): string => value.toFixed(3);

const MISSED = "MISSED";

/** A target is met or missed in so many words: no reader should have to compare. What was not measured has missed it. */
export const against = (value: number, limit: number): string =>
  value <= limit ? `met (<= ${limit})` : `${MISSED} (<= ${limit})`;

/** What the table says was missed, a sentence each: the exit code must not know better than the table. */
export const missedIn = ({ title, head, rows }: Part): string[] =>
  rows.flatMap((row) =>
    row.flatMap((cell, column) =>
      cell.startsWith(MISSED) ? [`${title}: ${row[0] ?? ""}: ${head[column] ?? ""} ${cell}`] : [],
    ),
  );
