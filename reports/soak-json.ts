import type { SoakSummary } from "../lib/model/soak.js";
import { asciiControls } from "./json.js";

/** Changes with every change that could break a reader of `soak.json`. */
export const SOAK_SCHEMA = "migstorm-soak/1";

/** The whole soak as JSON, for programs. */
export const renderSoakJson = (soak: SoakSummary): string =>
  `${asciiControls(JSON.stringify({ schema: SOAK_SCHEMA, ...soak }, null, 2))}\n`;
