import { performance } from "node:perf_hooks";
import { plainText } from "../../lib/model/plain-text.js";
import { type Diagnosis, diagnose } from "../doctor/diagnose.js";
import { examine } from "../doctor/examine.js";
import { EXIT } from "../exit-code.js";
import { secret } from "./execute.js";
import { newJobKey, withHosts } from "./run.js";

type Write = (text: string) => void;

export interface DoctorOptions {
  readonly inventory?: string;
  readonly lab?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/**
 * Looks at the hosts of an inventory, or at a fresh lab, and says what is missing, each with the command that mends it.
 * @returns the exit code: 1 when something keeps cases from running
 */
export async function doctor({ verbose, json, ...where }: DoctorOptions, write: Write): Promise<number> {
  const progress: Write = json ? () => undefined : write;
  return withHosts(where, newJobKey(), progress, async ({ inventory }) => {
    const startMs = performance.now();
    const answers = diagnose(await examine(inventory, secret));
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const isBad = answers.some(({ verdict }) => verdict === "fault");
    if (json) write(`${JSON.stringify(answers, null, 2)}\n`);
    else write(`${textOf(answers, verbose === true, seconds).join("\n")}\n`);
    return isBad ? EXIT.testsFailed : EXIT.ok;
  });
}

const WORDS = { fault: "FAULT", hint: "hint ", ok: "ok   ", unasked: "?    " } as const;

function textOf(answers: readonly Diagnosis[], isVerbose: boolean, seconds: string): string[] {
  const count = (verdict: Diagnosis["verdict"]): number => answers.filter((one) => one.verdict === verdict).length;
  const shown = isVerbose ? answers : answers.filter(({ verdict }) => verdict === "fault" || verdict === "hint");
  const [faults, hints, unasked] = [count("fault"), count("hint"), count("unasked")];
  return [
    ...shown.map(lineOf),
    `${faults} ${faults === 1 ? "fault" : "faults"}, ${hints} ${hints === 1 ? "hint" : "hints"}, ${count("ok")} well, ${unasked} do not apply or could not be asked; ${seconds} s`,
    ...(faults + hints === 0
      ? []
      : ["A command is for the machine at the beginning of its line, as root, unless its comment says otherwise."]),
  ];
}

/** What a machine says of itself opens its messages with its name; once is enough. */
function lineOf({ host, verdict, question, what, mend }: Diagnosis): string {
  const said = plainText(what.startsWith(`${host}: `) ? what.slice(host.length + 2) : what);
  const tail = mend === undefined ? "" : `; mend: ${plainText(mend)}`;
  return `${WORDS[verdict]} ${host}: ${question}: ${said}${tail}`;
}
