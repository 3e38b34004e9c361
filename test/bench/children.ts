import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What came of some parts: what was measured by part and table, and in sentences what was missed or failed. */
export interface Outcome {
  readonly measured: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly wrong: readonly string[];
}

/**
 * Measures each part in a process of its own, one after another: memory at its highest is that of a process, and a part must not
 * inherit what the one before had. One that fails does not keep the others from being measured.
 * @param args of every part, without `--part` and `--json`
 */
export async function inChildren(script: string, parts: readonly string[], args: readonly string[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "migstorm-bench-"));
  const outcomes: Outcome[] = [];
  let stoppedWith: Stop | undefined;
  try {
    for (const part of parts) {
      const json = join(folder, `${part}.json`);
      const { ended, ...how } = await child([script, "--part", part, "--json", json, ...args]);
      stoppedWith = how.stoppedWith;
      if (stoppedWith !== undefined) break;
      const told = await readFile(json, "utf8").then(
        (text) => JSON.parse(text) as Outcome,
        () => undefined,
      );
      if (told !== undefined) outcomes.push(told);
      if (ended !== "exit 0" && (told?.wrong ?? []).length === 0)
        outcomes.push({ measured: {}, wrong: [`${part}: ended with ${ended}`] });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (stoppedWith !== undefined) process.exit(128 + NUMBERS[stoppedWith]);
  return {
    measured: Object.assign({}, ...outcomes.map(({ measured }) => measured)) as Outcome["measured"],
    wrong: outcomes.flatMap(({ wrong }) => wrong),
  };
}

const NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
type Stop = keyof typeof NUMBERS;

/** Away from the terminal's group, so that Ctrl-C reaches it through us and once: a second one would cut its clean-up short. */
function child(args: readonly string[]): Promise<{ readonly ended: string; readonly stoppedWith?: Stop }> {
  const started = spawn(process.execPath, args, { stdio: "inherit", detached: true });
  let stoppedWith: Stop | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppedWith !== undefined) return;
    stoppedWith = signal === "SIGINT" ? "SIGINT" : "SIGTERM";
    started.kill(stoppedWith);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return new Promise((done, fail) => {
    started.once("error", fail).once("close", (code, signal) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      const ended = code === null ? String(signal) : `exit ${code}`;
      done(stoppedWith === undefined ? { ended } : { ended, stoppedWith });
    });
  });
}
