import { plainText } from "../lib/model/plain-text.js";

/** Foreign text as one line of at most `limit` characters, never with half of one at its end. Escape it. */
export const shortText = (text: string, limit: number): string => plainText(plainText(text).slice(0, limit));
