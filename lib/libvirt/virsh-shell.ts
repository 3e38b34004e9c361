import { randomBytes } from "node:crypto";
import { HarnessError } from "../errors.js";
import type { Opening } from "../transport/opening.js";
import type { Remote } from "../transport/transport.js";

/** A virsh that stays, for questions that are asked often: to start one takes fifty times as long as its answer. */
export interface VirshShell {
  /**
   * Asks libvirt; one question after the other.
   * @returns what virsh printed
   * @throws HarnessError `command-failed` on any complaint, `deadline`, `unreachable`: ask again with a virsh of its own
   */
  readonly ask: (...words: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Much longer than any answer takes: then the question is asked again in the slow way. */
const ANSWER_MS = 5_000;
/** What virsh says when it waits for a command, and readline for it; there is no end of line behind it. */
const PROMPTS = /^(?:virsh [#>] )+/;
/** No blanks, no quotes: nothing that virsh would take for more than one word. */
const WORD = /^[\w.:/-]+$/;

/**
 * Complaints come with the answers, in order, so that a refusal is never taken for an empty answer. A virsh that reads
 * commands keeps a history of them in the cache folder of its user; under /dev/null there is none to write to.
 */
const commandLine = (connectUri: string) => ({
  file: "sh",
  args: [
    ...["-c", 'exec "$@" 2>&1', "sh", "env", "XDG_CACHE_HOME=/dev/null", "TERM=dumb"],
    ...["stdbuf", "-oL", "virsh", "-q", "-c", connectUri],
  ],
});

/** @throws HarnessError `unreachable`, also when the machine does not begin in time; the reason of the signal */
export async function openVirshShell(remote: Remote, connectUri: string, opening: Opening = {}): Promise<VirshShell> {
  let onLine: (line: string) => void = () => undefined;
  const running = await remote.start(commandLine(connectUri), (line) => onLine(line), {
    stdin: "program",
    what: "the lasting virsh",
    ...opening,
  });
  let broken: HarnessError | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const gone = running.ended.then(() => new HarnessError("unreachable", `${remote.name}: the lasting virsh has ended`));

  const answer = async (command: string): Promise<string> => {
    if (broken !== undefined) throw broken;
    const mark = `end-${randomBytes(4).toString("hex")}`;
    const echo = `echo --str ${mark}`;
    const lines: string[] = [];
    let timer: NodeJS.Timeout | undefined;
    const complete = new Promise<true>((resolve) => {
      onLine = (raw) => {
        const line = raw.replace(PROMPTS, "");
        if (line.startsWith(mark)) resolve(true);
        else if (line !== command && line !== echo) lines.push(line);
      };
    });
    const late = new Promise<HarnessError>((resolve) => {
      const error = new HarnessError("deadline", `${remote.name}: the lasting virsh does not answer ${command}`);
      timer = setTimeout(() => resolve(error), ANSWER_MS);
    });
    // The empty line ends the one on which virsh prints the mark.
    running.write(`${command}\n${echo}\n\n`);
    const outcome = await Promise.race([complete, late, gone]);
    clearTimeout(timer);
    if (outcome !== true) {
      broken = outcome;
      throw outcome;
    }
    const complaint = lines.find((line) => line.startsWith("error:"));
    if (complaint !== undefined) throw new HarnessError("command-failed", `${remote.name}: ${command}: ${complaint}`);
    return lines.map((line) => `${line}\n`).join("");
  };
  return {
    ask: (...words) => {
      if (!words.every((word) => WORD.test(word)))
        return Promise.reject(new HarnessError("internal", `not for a lasting virsh: ${words.join(" ")}`));
      const next = last.then(() => answer(words.join(" ")));
      last = next.catch(() => undefined);
      return next;
    },
    stop: running.stop,
  };
}
