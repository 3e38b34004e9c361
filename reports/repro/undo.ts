import { plainText } from "../../lib/model/plain-text.js";
import { shortText } from "../short-text.js";
import { BEGIN, commandLine, type MadeChange, type ReproInput } from "./input.js";
import { reachText, waysTo } from "./machines.js";
import { posixWord } from "./posix-line.js";

/** A POSIX shell script that takes back what the other one does, newest first. Harmless twice. Pure. */
export function undoScript(input: ReproInput, changes: readonly MadeChange[]): string {
  const undos = [...changes].reverse();
  const names = [
    ...new Set([
      ...(input.inventory.observer ? [input.inventory.observer.name] : []),
      ...undos.map(({ host }) => host),
    ]),
  ];
  const told = new Set<string>();
  const lines = undos.flatMap(({ host, what, undo: { file, args } }) => {
    const line = `back ${posixWord(host)} ${commandLine([file, ...args], what)} </dev/null`;
    if (file === "true" || told.has(line)) return [];
    told.add(line);
    return [`# ${shortText(plainText(what), 200)}`, line];
  });
  return [
    ...BEGIN,
    `# Takes back what repro.sh does: ${plainText(input.result.case.id)} of ${plainText(input.jobId)}. Harmless twice.`,
    "# Exit code 0: all is as before; 1: something could not be taken back, and is told.",
    "set -u",
    "",
    reachText(waysTo(names, input), input),
    "",
    "code=0",
    "back() {",
    '  on "$@" || { printf "%s: could not be taken back\\n" "$1" >&2; code=1; }',
    "}",
    "",
    ...lines,
    "",
    'exit "$code"',
    "",
  ].join("\n");
}
