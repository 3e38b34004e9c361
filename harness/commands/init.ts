import { access, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { HarnessError } from "../../lib/errors.js";
import { makeFolder } from "../../lib/store/artifacts.js";
import { EXIT } from "../exit-code.js";
import { CI_FILES, type Ci, ciText, INVENTORY, inventoryText, SCENARIO, SCENARIO_TEXT } from "../init/files.js";
import { type Answers, draftOf, QUESTIONS, type Question, wrongWith } from "../init/questions.js";

type Write = (text: string) => void;
/** Puts a question to a person; rejects when there is nobody any more. */
export type Ask = (text: string) => Promise<string>;

export interface InitOptions {
  /** `name`, or `name=address`. */
  readonly host?: readonly string[];
  readonly user?: string;
  readonly login?: string;
  readonly peer?: readonly string[];
  readonly bridge?: string;
  readonly storage?: string;
  readonly image?: string;
  readonly ci?: Ci | "none";
  /** What is not given is what would be proposed; nothing is asked. */
  readonly yes?: boolean;
  /** Replaces files that are there. */
  readonly force?: boolean;
  /** Where the files go; default: the current folder. */
  readonly folder?: string;
}

/**
 * Writes an inventory, a first scenario and a CI file, from answers or options. Nothing is written before all is answered.
 * @returns the exit code
 * @throws HarnessError `bad-input` for an option that the inventory cannot have, and when there is nobody to ask
 */
export async function init(options: InitOptions, write: Write, ask?: Ask): Promise<number> {
  if (options.yes) return initWith(options, write, undefined);
  if (ask !== undefined) return initWith(options, write, ask);
  if (process.stdin.isTTY !== true)
    throw new HarnessError("bad-input", "there is no terminal to ask on: init --host a --host b --yes");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const gone = new Promise<never>((_resolve, reject) => {
    lines.once("close", () =>
      reject(new HarnessError("bad-input", "\nended before the last answer: nothing was written")),
    );
  });
  try {
    return await initWith(options, write, (text) => Promise.race([lines.question(text), gone]));
  } finally {
    gone.catch(() => undefined);
    lines.close();
  }
}

async function initWith(options: InitOptions, write: Write, ask: Ask | undefined): Promise<number> {
  const given = givenIn(options);
  let answers: Answers = {};
  for (const question of QUESTIONS) answers = await answered(question, answers, given[question.key], { write, ask });
  const ci = options.ci ?? (await ciAnswer(ask, write));
  const files = [
    { path: INVENTORY, text: inventoryText(draftOf(answers)) },
    { path: SCENARIO, text: SCENARIO_TEXT },
    ...(ci === "none" ? [] : [{ path: CI_FILES[ci].path, text: await ciText(ci) }]),
  ];
  const { folder = "." } = options;
  const kept = await keptOf(
    folder,
    files.map(({ path }) => path),
    options.force === true,
    ask,
  );
  for (const { path, text } of files) {
    if (!kept.has(path)) {
      await makeFolder(dirname(resolve(folder, path)));
      await writeFile(resolve(folder, path), text);
    }
    write(`${kept.has(path) ? "KEPT       " : "WRITTEN    "}: ${path}\n`);
  }
  if (answers.image?.startsWith("/"))
    write(
      `NOTE       : a kernel alone boots no guest that can be logged in to: give the image an initrd and a cmdline in ${INVENTORY}\n`,
    );
  write(`NEXT       : npx migstorm doctor --inventory ${INVENTORY}\n`);
  write(`THEN       : npx migstorm run --inventory ${INVENTORY} ${SCENARIO}\n`);
  return EXIT.ok;
}

/** Options by the keys of the questions that they answer. */
function givenIn({
  host = [],
  user,
  login,
  peer = [],
  bridge,
  storage,
  image,
}: InitOptions): Record<string, string | undefined> {
  if (host.length > 2) throw new HarnessError("bad-input", "init writes two hosts: add others to the inventory later");
  const ofHost = [0, 1].flatMap((index) => {
    const [name, address] = host[index]?.split("=", 2) ?? [];
    const all = { name, address, user, login, peer: peer[index] };
    return Object.entries(all).map(([key, value]) => [`${index}.${key}`, value] as const);
  });
  return { ...Object.fromEntries(ofHost), bridge, storage, image };
}

interface Person {
  readonly write: Write;
  readonly ask: Ask | undefined;
}

/** An option is not asked for again; an answer is, until the inventory can have it. */
async function answered(
  question: Question,
  answers: Answers,
  given: string | undefined,
  { write, ask }: Person,
): Promise<Answers> {
  const fallback = question.fallback(answers);
  for (let answer = given; ; answer = undefined) {
    const hint = fallback === undefined ? "" : ` [${fallback}]`;
    answer ??= (await ask?.(`${question.text}${hint}: `))?.trim() || fallback;
    const all = answer === undefined ? answers : { ...answers, [question.key]: answer };
    const wrong = wrongWith(question, all);
    if (wrong.length === 0) return all;
    const told = `${question.text.trim()}: ${answer === undefined ? "it needs one" : `${answer}: ${wrong.join("; ")}`}`;
    if (ask === undefined && answer === undefined)
      throw new HarnessError("bad-input", `${told}: init --host a --host b --yes`);
    if (ask === undefined) throw new HarnessError("bad-input", told);
    write(`${told}\n`);
  }
}

async function ciAnswer(ask: Ask | undefined, write: Write): Promise<Ci | "none"> {
  const known = [...Object.keys(CI_FILES), "none"];
  for (;;) {
    const answer = (await ask?.("CI: github, gitlab, jenkins or none [gitlab]: "))?.trim() || "gitlab";
    if (known.includes(answer)) return answer as Ci | "none";
    write(`expected ${known.join(" | ")}, found ${answer}\n`);
  }
}

/** Files that are there and stay. @throws HarnessError `bad-input` when nobody can be asked whether they may go */
async function keptOf(
  folder: string,
  paths: readonly string[],
  force: boolean,
  ask: Ask | undefined,
): Promise<ReadonlySet<string>> {
  const there: string[] = [];
  for (const path of paths)
    if (
      await access(resolve(folder, path)).then(
        () => true,
        () => false,
      )
    )
      there.push(path);
  if (force || there.length === 0) return new Set();
  if (ask === undefined)
    throw new HarnessError(
      "bad-input",
      `${there.join(", ")}: there already, and nothing was written; --force replaces`,
    );
  const kept = new Set<string>();
  for (const path of there)
    if (!/^y(es)?$/i.test((await ask(`${path} is there already. Replace it? [no]: `)).trim())) kept.add(path);
  return kept;
}
