import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Loaded before every test file (`.mocharc.json`): one folder for all that tests, and what they start, put into the temporary
 * one. It goes when mocha ends, however its tests did.
 */
const folder = mkdtempSync(join(tmpdir(), "migstorm-tests-"));
process.env.TMPDIR = folder;
process.once("exit", () => {
  try {
    // A browser that is still ending may write while its folder is taken away.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch (error) {
    process.stderr.write(`left behind: ${error instanceof Error ? error.message : String(error)}\n`);
  }
});
