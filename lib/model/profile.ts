import { z } from "zod";
import type { Case } from "./case.js";
import { CHOICE_PARAMS } from "./choice-params.js";
import { limitSchema, NUMERIC_PARAMS, type NumericParam } from "./numeric-params.js";
import { oneOrMore } from "./one-or-more.js";
import { word } from "./scenario.js";

/** What becomes of one number, in the order of the keys; units read, see `NumericParam`. */
export interface ReadChange {
  readonly set?: number | undefined;
  readonly times?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

const changeOf = (param: NumericParam): z.ZodType =>
  z
    .strictObject({
      set: limitSchema(param).describe("It becomes this.").optional(),
      times: z.number().positive().max(1_000_000).describe("It is multiplied by this, and rounded.").optional(),
      atLeast: limitSchema(param).describe("Then it is raised to this when it is below.").optional(),
      atMost: limitSchema(param).describe("Then it is lowered to this when it is above.").optional(),
    })
    .refine((change) => Object.keys(change).length > 0, "say what becomes of it: set, times, atLeast or atMost")
    .refine(isOrdered, "atLeast is above atMost")
    .describe(param.description ?? "");

const isOrdered = (change: object): boolean => {
  const { atLeast, atMost } = change as ReadChange;
  return atLeast === undefined || atMost === undefined || atLeast <= atMost;
};

const changes = z.strictObject(
  Object.fromEntries(NUMERIC_PARAMS.map((param) => [param.path, changeOf(param).optional()] as const)) as Record<
    string,
    z.ZodType
  >,
);

const ruleSchema = z.strictObject({
  when: z
    .strictObject({
      variants: oneOrMore(word).describe("Cases that have one of these variants.").optional(),
      tags: oneOrMore(word).describe("Cases that have one of these tags.").optional(),
      without: oneOrMore(word).describe("Of those, not the cases that have one of these variants.").optional(),
    })
    .refine((when) => Object.keys(when).length > 0, "say which cases are meant: variants, tags or without")
    .describe("Which cases are meant: those that fit everything that is said here."),
  scale: changes.describe("As above; set gives a parameter also to cases that do not have it.").default({}),
  choose: z
    .strictObject(Object.fromEntries(CHOICE_PARAMS.map(([path, one]) => [path, one.optional()] as const)))
    .describe("Parameter, dotted: the word that takes the place of what the case says.")
    .default({}),
});

/** One profile file: the numbers of all cases made smaller or larger by data. */
export const profileSchema = z.strictObject({
  name: word.describe("How reports call the profile."),
  summary: z.string().min(1).describe("What it is for, in one sentence."),
  scale: changes.describe("Parameter, dotted: what becomes of it. A parameter that a case does not have stays absent."),
  rules: z.array(ruleSchema).max(100).describe("For some of the cases; after scale, in this order.").optional(),
});

/** A profile as it was written: checked, with its units still as text. It stands in job.json and plan.json like this. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly scale: Readonly<Record<string, WrittenChange>>;
  readonly rules?: readonly WrittenRule[];
}

export interface WrittenRule {
  readonly when: Readonly<Partial<Record<"variants" | "tags" | "without", string | readonly string[]>>>;
  readonly scale?: Readonly<Record<string, WrittenChange>>;
  readonly choose?: Readonly<Record<string, string>>;
}

export interface WrittenChange {
  readonly set?: number | string;
  readonly times?: number;
  readonly atLeast?: number | string;
  readonly atMost?: number | string;
}

/** A change of one parameter, and where in the profile it stands. */
export interface PlacedChange {
  /** Of keys and indices: `["rules", 0, "scale", "guests.memory"]`. */
  readonly place: readonly (string | number)[];
  /** Dotted: `guests.memory`. */
  readonly param: string;
  /** Units read: MiB, ms. */
  readonly change: ReadChange | { readonly word: string };
  /** A case that does not have the parameter gets it, where the change sets it. */
  readonly isGiven: boolean;
  readonly fits: (testCase: Pick<Case, "variants" | "tags">) => boolean;
}

/** Everything that a profile changes, in the order in which it does. */
export function readChanges(profile: Profile): PlacedChange[] {
  const { scale, rules = [] } = profileSchema.parse(profile);
  const placed = (
    place: PlacedChange["place"],
    all: Readonly<Record<string, unknown>>,
    rest: Pick<PlacedChange, "isGiven" | "fits">,
  ): PlacedChange[] =>
    Object.entries(all).map(([param, change]) => ({
      ...{ place: [...place, param], param, change: change as PlacedChange["change"] },
      ...rest,
    }));
  return [
    ...placed(["scale"], scale, { isGiven: false, fits: () => true }),
    ...rules.flatMap(({ when: { variants, tags, without = [] }, scale: own, choose }, index) => {
      const words = Object.fromEntries(Object.entries(choose).map(([param, word]) => [param, { word }]));
      const fits: PlacedChange["fits"] = (testCase) =>
        hasOne(variants, testCase.variants) && hasOne(tags, testCase.tags) && !hasOne(without, testCase.variants);
      return [
        ...placed(["rules", index, "scale"], own, { isGiven: true, fits }),
        ...placed(["rules", index, "choose"], words, { isGiven: true, fits }),
      ];
    }),
  ];
}

const hasOne = (wanted: readonly string[] | undefined, there: readonly string[]): boolean =>
  wanted === undefined || wanted.some((one) => there.includes(one));
