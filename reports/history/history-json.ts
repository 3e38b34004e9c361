import { asciiControls } from "../json.js";
import type { History } from "./history.js";

/** Changes with every change that could break a reader. */
export const HISTORY_SCHEMA = "migstorm-history/1";

/** The whole history, for programs. */
export const renderHistoryJson = (history: History): string =>
  `${asciiControls(JSON.stringify({ schema: HISTORY_SCHEMA, ...history }, null, 2))}\n`;
