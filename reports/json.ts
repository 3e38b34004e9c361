import type { JobResult } from "../lib/model/result.js";
import { RESULTS_SCHEMA } from "../lib/model/result-schema.js";
import { countByStatus } from "./summary.js";

/** The whole job as JSON, with the counts on top. What a host printed stays what it was: it is only escaped. */
export const renderJson = (job: JobResult): string => {
  const summary = { cases: job.cases.length, ...countByStatus(job.cases) };
  return `${asciiControls(JSON.stringify({ schema: RESULTS_SCHEMA, summary, ...job }, null, 2))}\n`;
};

/** JSON lets C1 and bidi controls stand as they are, and a terminal that shows the file would obey them. */
export const asciiControls = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
