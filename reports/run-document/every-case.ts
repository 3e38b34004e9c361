import type { CaseResult, JobResult } from "../../lib/model/result.js";
import { labelOf } from "../console/colour.js";
import { longestSilenceMs } from "../summary.js";
import { hasRun, modeOf } from "./figures.js";
import { code, plainOrCode, seconds, table, whole } from "./words.js";

/** Where a case stands: in the table of its mode, by its last variant as a column, by all others as a row. */
interface Place {
  readonly mode: string;
  readonly row: string;
  readonly column: string;
  readonly result: CaseResult;
}

/** Every case in tables, one for each mode of migration. */
export function everyCase({ cases }: JobResult): string[] {
  const places = placesOf(cases);
  const modes = distinct(places.map(({ mode }) => mode));
  return [
    "Each cell: verdict, seconds of the whole case / longest silence of a guest in ms (– where nobody could measure it).",
    "",
    ...modes.flatMap((mode) => [
      `## ${mode}`,
      "",
      ...tableOf(
        places.filter((place) => place.mode === mode),
        distinct(places.map(({ column }) => column)),
      ),
    ]),
  ];
}

function placesOf(cases: readonly CaseResult[]): Place[] {
  const common = commonOf(cases.map(wordsOf));
  return cases.map((result) => {
    const words = wordsOf(result);
    const mode = modeOf(result);
    const others = words.slice(0, -1).filter((word) => word !== mode && !common.has(word));
    return { mode, row: others.join(".") || "(all)", column: words.at(-1) ?? "", result };
  });
}

/** The words of its name: those of two scenarios may be the same. */
const wordsOf = ({ case: { scenario, variants } }: CaseResult): readonly string[] => [scenario, ...variants];

/** What every case has in its name, and no table has to say. */
export function commonOf(names: readonly (readonly string[])[]): ReadonlySet<string> {
  const [first = [], ...rest] = names;
  return new Set(first.filter((word) => rest.every((words) => words.includes(word))));
}

function tableOf(places: readonly Place[], columns: readonly string[]): string[] {
  const end = commonEnd(columns);
  const rows = distinct(places.map(({ row }) => row));
  return table(
    ["load", ...columns.map((column) => plainOrCode(end === "" ? column : column.slice(0, -end.length)))],
    rows.map((row) => [
      code(row),
      ...columns.map((column) =>
        places
          .filter((place) => place.row === row && place.column === column)
          .map(({ result }) => cell(result))
          .join("<br>"),
      ),
    ]),
  );
}

function cell(result: CaseResult): string {
  if (!hasRun(result)) return labelOf(result.status);
  const silenceMs = longestSilenceMs(result);
  return `${labelOf(result.status)} ${seconds(result.durationMs)} / ${silenceMs === undefined ? "–" : whole(silenceMs)}`;
}

/** `_migration` of `orderly_migration` and `cross_migration`; of a single one nothing. */
function commonEnd(words: readonly string[]): string {
  const end = /_[^_]+$/.exec(words[0] ?? "")?.[0] ?? "";
  return words.length > 1 && words.every((word) => word.endsWith(end) && word !== end) ? end : "";
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)];
