import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Loaded before every test file (`.mocharc.json`): one folder for all that tests, and what they start, put into the temporary
 * one. It goes when mocha ends, however its tests did.
 */
const folder = mkdtempSync(join(tmpdir(), "migstorm-tests-"));
process.env.TMPDIR = folder;
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
