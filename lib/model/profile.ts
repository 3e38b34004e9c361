import { z } from "zod";
import { limitSchema, NUMERIC_PARAMS, type NumericParam } from "./numeric-params.js";
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

/** One profile file: the numbers of all cases made smaller or larger by data. */
export const profileSchema = z.strictObject({
  name: word.describe("How reports call the profile."),
  summary: z.string().min(1).describe("What it is for, in one sentence."),
  scale: z
    .strictObject(
      Object.fromEntries(NUMERIC_PARAMS.map((param) => [param.path, changeOf(param).optional()] as const)) as Record<
        string,
        z.ZodType
      >,
    )
    .describe("Parameter, dotted: what becomes of it. A parameter that a case does not have stays absent."),
});

/** A profile as it was written: checked, with its units still as text. It stands in job.json and plan.json like this. */
export interface Profile {
  readonly name: string;
  readonly summary: string;
  readonly scale: Readonly<Record<string, WrittenChange>>;
}

export interface WrittenChange {
  readonly set?: number | string;
  readonly times?: number;
  readonly atLeast?: number | string;
  readonly atMost?: number | string;
}

/** Parameter → what becomes of it, units read: MiB, ms. */
export const readScale = (profile: Profile): Readonly<Record<string, ReadChange>> =>
  profileSchema.parse(profile).scale as Record<string, ReadChange>;
