/**
 * Characters that cannot be seen or that change how others are shown: controls, bidi and other format characters, line
 * separators, lone surrogates, noncharacters. Line ends and tabs among them.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
