import { HarnessError } from "../../lib/errors.js";
import type { Case } from "../../lib/model/case.js";
import { numberWithUnit } from "../../lib/model/numeric-params.js";
import { plainText } from "../../lib/model/plain-text.js";
import { allCombinations, type Choice, refusals } from "../combinations.js";
import { EXIT } from "../exit-code.js";
import { expand } from "../expand.js";
import { type Explained, explainCase } from "../explain.js";
import { type LoadedScenario, loadProfile, loadScenario } from "../load.js";
import { placeOf } from "../places.js";
import { profiled } from "../profile.js";
import { matches, select } from "../select.js";
import { didYouMean } from "../suggest.js";
import { plan } from "./plan.js";
import { scenarioFiles } from "./selection.js";

type Write = (text: string) => void;

export interface ExplainOptions {
  readonly only?: readonly string[];
  readonly no?: readonly string[];
  readonly tag?: readonly string[];
  readonly profile?: string;
  /** With it, what will be done is told too. */
  readonly inventory?: string;
  readonly json?: boolean;
}

/** What a filter leaves out, of how many, and whether this case is among it. */
interface Filter {
  readonly filter: string;
  readonly dropped: number;
  readonly of: number;
  readonly dropsCase: boolean;
  /** Why, where it is a condition of the file. */
  readonly reasons?: readonly string[];
}

/**
 * Says of one case where each value comes from, what each filter leaves out, and what will be done. @returns the exit code
 * @throws HarnessError `bad-input` when no case, or more than one, is meant
 */
export async function explain(
  wanted: string,
  paths: readonly string[],
  options: ExplainOptions,
  write: Write,
): Promise<number> {
  if (/\.ya?ml$/.test(wanted))
    throw new HarnessError(
      "bad-input",
      `${plainText(wanted)} is a file: name the case before it, as \`list\` prints it`,
    );
  const files = await Promise.all((await scenarioFiles(paths)).map(loadScenario));
  const found = caseNamed(wanted, files);
  const filters = [conditionsOf(found), ...filtersOf(found, files, options)];
  const profile = options.profile === undefined ? undefined : await loadProfile(options.profile);
  const { testCase } = found;
  // What it makes impossible is refused here as anywhere else.
  if (testCase !== undefined && profile !== undefined) profiled([testCase], profile);
  const values = testCase === undefined ? [] : explainCase(testCase, found.choices, found.file, profile);
  const steps = testCase === undefined ? "" : await stepsOf(testCase, found, options);
  if (options.json) {
    const told = { id: found.id, isCase: testCase !== undefined, values, filters };
    write(`${JSON.stringify(steps === "" ? told : { ...told, plan: JSON.parse(steps) }, null, 2)}\n`);
  } else write(textOf(found, values, filters, steps));
  return EXIT.ok;
}

interface Found {
  readonly id: string;
  readonly file: LoadedScenario;
  readonly choices: readonly Choice[];
  /** Absent where the conditions of the file drop it. */
  readonly testCase?: Case;
}

function caseNamed(wanted: string, files: readonly LoadedScenario[]): Found {
  const all = files.flatMap((file) => {
    const cases = new Map(expand(file).map((testCase) => [testCase.id, testCase]));
    return allCombinations(file.scenario.axes ?? {}).map((choices): Found => {
      const id = [file.scenario.name, ...choices.map(({ name }) => name)].join(".");
      const testCase = cases.get(id);
      return { id, file, choices, ...(testCase === undefined ? {} : { testCase }) };
    });
  });
  const fits = ({ id, testCase }: Found): boolean =>
    matches(id, wanted) || testCase?.testIds.some((testId) => matches(testId, wanted)) === true;
  const exact = all.filter(({ id }) => id === wanted);
  const meant = exact.length > 0 ? exact : all.filter(fits);
  const [first] = meant;
  const ids = meant.slice(0, 5).map(({ id }) => plainText(id));
  if (first === undefined) {
    const hint = didYouMean(
      wanted,
      all.map(({ id }) => id),
    );
    throw new HarnessError("bad-input", `no case has the id ${plainText(wanted)}${hint}`);
  }
  if (meant.length > 1)
    throw new HarnessError(
      "bad-input",
      `${meant.length} cases have the id ${plainText(wanted)}, name one: ${ids.join(", ")}${meant.length > 5 ? ", …" : ""}`,
    );
  return first;
}

function conditionsOf({ file, choices }: Found): Filter {
  const all = allCombinations(file.scenario.axes ?? {});
  const dropped = all.filter((one) => refusals(one).length > 0).length;
  const reasons = refusals(choices).map(({ path, says }) => `${placeOf(file.source, path)}: ${says}`);
  return {
    filter: `conditions of ${file.scenario.name}`,
    dropped,
    of: all.length,
    dropsCase: reasons.length > 0,
    reasons,
  };
}

/** Each by itself, by the function that chooses. */
function filtersOf({ id }: Found, files: readonly LoadedScenario[], { only, no, tag }: ExplainOptions): Filter[] {
  const cases = files.flatMap(expand);
  const one = (filter: string, selection: object): Filter => {
    const kept = select(cases, { ...selection, seed: 0 });
    const dropsCase = !kept.some((testCase) => testCase.id === id);
    return { filter, dropped: cases.length - kept.length, of: cases.length, dropsCase };
  };
  return [
    ...(only ?? []).map((text) => one(`--only '${text}'`, { only: [text] })),
    ...(no ?? []).map((text) => one(`--no '${text}'`, { no: [text] })),
    ...(tag === undefined ? [] : [one(tag.map((text) => `--tag ${text}`).join(" "), { tag })]),
  ];
}

/** As `plan` prints them. */
async function stepsOf({ id }: Case, { file }: Found, { inventory, profile, json }: ExplainOptions): Promise<string> {
  if (inventory === undefined) return "";
  let text = "";
  const place = { inventory, id: [id], ...(profile === undefined ? {} : { profile }), ...(json ? { json } : {}) };
  await plan([file.source.file], place, (more) => {
    text += more;
  });
  return text;
}

function textOf({ id, testCase }: Found, values: readonly Explained[], filters: readonly Filter[], steps: string) {
  const width = Math.max(0, ...values.map((one) => valueText(one).length));
  const lines = [
    testCase === undefined ? `${plainText(id)}: no case, the conditions drop it` : plainText(id),
    ...(values.length === 0 ? [] : ["values"]),
    ...values.map((one) => `  ${valueText(one).padEnd(width)}  ${originText(one)}`),
    "filters",
    ...filters.flatMap(({ filter, dropped, of, dropsCase, reasons = [] }) => [
      `  ${plainText(filter)}: ${dropped} of ${of} dropped, this one ${dropsCase ? "too" : "is kept"}`,
      ...reasons.map((reason) => `    ${plainText(reason)}`),
    ]),
    ...(steps === "" ? [] : ["what will be done", steps.trimEnd()]),
  ];
  return `${lines.join("\n")}\n`;
}

const valueText = ({ param, value }: Pick<Explained, "param" | "value">): string =>
  plainText(`${param} = ${written(param, value)}`);

/** As it would stand in a file: numbers have their unit. */
function written(param: string, value: unknown): string {
  return typeof value === "number" ? String(numberWithUnit(param, value)) : (JSON.stringify(value) ?? "nothing");
}

function originText({ param, from, variant, place, before }: Explained): string {
  const words = [place, variant ?? from].flatMap((word) => word ?? []).join("  ");
  if (before === undefined) return words;
  return `${words}, was ${plainText(written(param, before.value))}: ${originText({ param, ...before })}`;
}
