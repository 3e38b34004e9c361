import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { plainText } from "../../lib/model/plain-text.js";
import { redact } from "../../lib/redact.js";
import { makeFolder, writeText } from "../../lib/store/artifacts.js";
import { readEvents } from "../../lib/store/event-log.js";
import { caseFolder } from "../../lib/store/layout.js";
import { EXIT } from "../exit-code.js";
import { badInput } from "../places.js";
import { readJob } from "../recover.js";
import { knowSecrets } from "./know-secrets.js";
import { readPlan } from "./read-plan.js";

/** A capture of a long case is larger; whoever wants it takes it from the folder. */
const FILE_BYTES = 64 * 2 ** 20;

/**
 * Packs one case for somebody else: its folder, its events, its plan, and what the job was. Secrets are taken out of every
 * text. @returns the exit code
 * @throws HarnessError `bad-input` for a folder that is no job's, and a case that has not been begun there
 */
export async function bundle(
  dir: string,
  { id, output }: { readonly id: string; readonly output?: string },
  write: (text: string) => void,
): Promise<number> {
  const folder = resolve(dir);
  const [job, plan] = [await readJob(folder), await readPlan(folder)];
  const plans = plan.plans.filter((one) => one.case.id === id);
  if (plans.length === 0) throw badInput([`${plainText(dir)} has no case ${plainText(id)}`]);
  const from = caseFolder(folder, id);
  if (!(await stat(from).catch(() => undefined))?.isDirectory())
    throw badInput([`${plainText(id)} was not begun in ${plainText(dir)}: there is nothing to pack`]);
  knowSecrets(job.inventory);
  const base = `${job.jobId}-${id}`;
  const target = resolve(output ?? `${base}.tar.gz`);
  const beside = await mkdtemp(join(tmpdir(), "migstorm-bundle-"));
  try {
    const into = join(beside, base);
    const { token: _, ...told } = job;
    const events = await readEvents(join(folder, "events.ndjson"));
    const ours = events.filter((event) =>
      event.type === "case-ended" ? event.result.case.id === id : !("caseId" in event) || event.caseId === id,
    );
    await writeText(join(into, "job.json"), redact(`${JSON.stringify(told, null, 2)}\n`));
    await writeText(join(into, "plan.json"), redact(`${JSON.stringify({ ...plan, plans }, null, 2)}\n`));
    await writeText(join(into, "events.ndjson"), redact(ours.map((event) => `${JSON.stringify(event)}\n`).join("")));
    const left = await copied(from, join(into, "test-results", id));
    await packed(target, beside, base);
    for (const line of left) write(`LEFT OUT   : ${plainText(line)}\n`);
    write(`BUNDLE     : ${plainText(target)} (${(await stat(target)).size} bytes)\n`);
    return EXIT.ok;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Copies a folder with the secrets taken out. @returns what was left out, and why */
async function copied(from: string, into: string): Promise<string[]> {
  await makeFolder(into);
  const left: string[] = [];
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (entry.isDirectory()) left.push(...(await copied(path, join(into, entry.name))));
    else if (!entry.isFile()) left.push(`${entry.name}: no file`);
    else if ((await stat(path)).size > FILE_BYTES) left.push(`${entry.name}: larger than ${FILE_BYTES} bytes`);
    else await copyOne(path, join(into, entry.name));
  }
  return left;
}

/** What has a NUL is no text: heads of packets, which are kept as they are. */
async function copyOne(from: string, to: string): Promise<void> {
  const bytes = await readFile(from);
  await (bytes.includes(0) ? copyFile(from, to) : writeText(to, redact(bytes.toString())));
}

const packed = (target: string, beside: string, base: string): Promise<unknown> =>
  promisify(execFile)("tar", ["-czf", target, "-C", beside, "--", base]).catch((error: unknown) => {
    throw new HarnessError("command-failed", `${target} could not be packed: ${messageOf(error)}`);
  });
