import { readFileSync } from "node:fs";

/** From package.json, which lies above the compiled file and the source alike. */
export const VERSION: string = ["../package.json", "../../package.json"]
  .flatMap((path) => {
    try {
      return [(JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { version: string }).version];
    } catch {
      // The other depth: source and compiled file are not equally deep.
      return [];
    }
  })
  .concat("unknown")[0] as string;
