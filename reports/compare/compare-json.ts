import { asciiControls } from "../json.js";
import type { Comparison } from "./compare.js";

/** Changes with every change that could break a reader. */
export const COMPARE_SCHEMA = "migstorm-compare/1";

/** The whole comparison, for programs. */
export const renderCompareJson = (comparison: Comparison): string =>
  `${asciiControls(JSON.stringify({ schema: COMPARE_SCHEMA, ...comparison }, null, 2))}\n`;
