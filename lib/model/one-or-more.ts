import { z } from "zod";

/**
 * One value or a list of them; the rest of the code sees a list. Not `z.union`: when no branch fits, a union only says
 * "Invalid input", and the reader of a 40-line scenario deserves to be told which value and why.
 */
export const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(value).min(1));
