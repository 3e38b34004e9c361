import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A recorded output, by its path under test/fixtures. */
export const fixture = (path: string): string => readFileSync(join(import.meta.dirname, "../fixtures", path), "utf8");
