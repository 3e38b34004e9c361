import { readFile, writeFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { readStoredJob } from "../../harness/commands/stored-job.js";
import type { Evidence } from "../../lib/model/check.js";
import type { JobResult } from "../../lib/model/result.js";
import { caseFolder } from "../../lib/store/layout.js";
import { type CaseFacts, caseFacts } from "../../reports/run-document/case-facts.js";
import { type About, renderRunDocument } from "../../reports/run-document/run-document.js";

/** Writes a stored job down as a document of `docs/runs`: `npm run run-document -- JOB_FOLDER [--output FILE]`. */
const program = new Command("run-document")
  .description("Writes a stored job down as a document in Markdown: its figures, and every case.")
  .argument("<job>", "the folder of the job")
  .option("--title <text>", "what was run (default: the names of the scenarios)")
  .option("--commit <id>", "commit of the migstorm that ran it; a job does not know it (default: not told)")
  .option("--output <file>", "write it there (default: print it)")
  .parse();
const [folder = ""] = program.args;
const { title, commit, output } = program.opts<{ title?: string; commit?: string; output?: string }>();

const job = await readStoredJob(folder);
const machine = machineOf(job);
const about: About = {
  ...(title === undefined ? {} : { title }),
  ...(commit === undefined ? {} : { commit }),
  ...(machine === undefined ? {} : { machine }),
};
const text = renderRunDocument(job, await allFacts(folder, job), about);
if (output === undefined) process.stdout.write(text);
else await writeFile(output, text);

/** One after another: evidence is large, and little of it is kept. Of cases that never ran there is none. */
async function allFacts(from: string, { cases }: JobResult): Promise<CaseFacts[]> {
  const facts: CaseFacts[] = [];
  for (const { case: testCase, migrations, status } of cases) {
    const path = join(caseFolder(from, testCase.id), "evidence.json");
    const read = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      if (migrations.length > 0) console.error(`${testCase.id}: ${status}, and there is no evidence of it`);
      return undefined;
    });
    if (read !== undefined) facts.push(caseFacts(JSON.parse(read) as Evidence));
  }
  return facts;
}

/** A job does not say on what machine it ran; where every host has the kernel of this one, it is this one. */
function machineOf({ hosts }: JobResult): About["machine"] {
  if (hosts.length === 0 || !hosts.every(({ system }) => system.includes(release()))) return undefined;
  return { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
}
