import { isDeepStrictEqual } from "node:util";
import { asWritten } from "../../lib/model/numeric-params.js";
import { type Params, paramsSchema } from "../../lib/model/params.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { Scenario, Variant } from "../../lib/model/scenario.js";
import { isMapping } from "../mapping.js";
import { type Place, valueAt, withValue } from "../value-at.js";
import { yamlText } from "../yaml.js";

/** A scenario of this one case: what a case has that does not say it, is not said. Pure. */
export function asScenario(name: string, summary: string, params: Params): Scenario {
  const base = lean(params);
  return { name, summary, ...(Object.keys(base).length === 0 ? {} : { base }) };
}

/** The same as a file that `run` takes. @param notes lines of comment at its top; foreign text may be in them */
export const scenarioText = (scenario: Scenario, notes: readonly string[]): string =>
  `${notes.map((note) => `# ${plainText(note)}\n`).join("")}${yamlText(scenario)}`;

/** A name for the scenario that another one's case became. */
export const shrunkName = (scenario: string): string => `${scenario.slice(0, LONGEST - SUFFIX.length)}${SUFFIX}`;

const LONGEST = 64;
const SUFFIX = "-shrunk";

/** As few words as make up these parameters. What each word does, reading them tells: no list of defaults to keep up. */
function lean(params: Params): Variant {
  const means = (written: unknown): boolean => isDeepStrictEqual(paramsSchema.safeParse(written).data, params);
  const without = (written: unknown, place: Place): unknown => {
    const shorter = place.length === 0 ? written : withValue(written, place, undefined);
    if (place.length > 0 && means(shorter)) return shorter;
    return keysOf(valueAt(written, place)).reduce((sum, key) => without(sum, [...place, key]), written);
  };
  return without(asWritten(params), []) as Variant;
}

const keysOf = (value: unknown): (string | number)[] =>
  Array.isArray(value) ? [...value.keys()] : isMapping(value) ? Object.keys(value) : [];
