import { HarnessError, messageOf } from "../errors.js";
import { until } from "../poll.js";
import { type Opening, opened } from "../transport/opening.js";
import type { Remote, Running } from "../transport/transport.js";
import { busyMessage, parseOwner } from "./lock-record.js";
import { HOLD_AGAIN } from "./scripts.js";

/** What is written on the host. */
export interface Claim {
  readonly base: string;
  readonly isOwn: boolean;
  readonly token: string;
  readonly record: string;
}

/** The sign of life on the host: a program that ends with our connection. */
export interface Held {
  readonly running: Running;
  /** Which start of the host this was: after another one it has forgotten us. */
  readonly boot: string;
}

/**
 * @throws HarnessError `host-busy` when somebody else has the host, `unreachable`, also when the host does not begin in
 *   time, `command-failed`
 */
export async function hold(
  remote: Remote,
  claim: Claim,
  text: string,
  more: readonly string[],
  opening: Opening = {},
): Promise<Held> {
  const { running, lines } = await converse(remote, text, [claim.base, claim.token, claim.record, ...more], opening);
  const [word = "", boot = ""] = lines[0]?.split(" ") ?? [];
  if (word === "ours") return { running, boot };
  if (word === "lives")
    throw new HarnessError(
      "host-busy",
      `${remote.name}: the runner of that job is still alive: stop it first, it puts its hosts back itself`,
      { lives: true },
    );
  const owner = word === "busy" ? parseOwner(lines.slice(1), Date.now()) : undefined;
  if (owner !== undefined) throw new HarnessError("host-busy", busyMessage(remote.name, owner), { owner });
  const { stderr, exitCode } = await running.ended;
  if (word === "gone") throw new HarnessError("host-busy", `${remote.name}: the lock is no longer ours`);
  throw exitCode === undefined
    ? new HarnessError("unreachable", `${remote.name}: connection lost while taking the host's lock`)
    : new HarnessError("command-failed", `${remote.name}: cannot take the host's lock: ${stderr.trim()}`);
}

/** What comes before the script waits for others, as long as it must: only up to here there is a deadline. */
const BEGUN = "begun";

/** Starts a script and resolves with what it printed: up to `ours` when it stays, to its end otherwise. */
async function converse(remote: Remote, text: string, args: readonly string[], opening: Opening) {
  const lines: string[] = [];
  let onBegun: () => void = () => undefined;
  let onOurs: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    onBegun = resolve;
  });
  const ours = new Promise<void>((resolve) => {
    onOurs = resolve;
  });
  const what = "the script of its lock";
  const running = await remote.start(
    { file: "sh", args: ["-c", `echo ${BEGUN}\n${text}`, "sh", ...args] },
    (line) => {
      if (line === BEGUN) return onBegun();
      lines.push(line);
      if (line.startsWith("ours ")) onOurs();
    },
    { stdin: "program", what, ...opening },
  );
  const waited = { host: remote.name, what: `${what} to begin`, giveUp: running.stop };
  await opened(Promise.race([begun, running.ended]), waited, opening);
  await Promise.race([ours, running.ended]);
  return { running, lines };
}

const HOLD_AGAIN_PATIENCE = { everyMs: 1_000, timeoutMs: 600_000 };

/** @returns the new sign of life, or why there is none */
export async function holdAgain(
  remote: Remote,
  claim: Claim,
  boot: string,
  released: () => boolean,
): Promise<Held | string> {
  let last = "";
  const attempt = async (): Promise<Held | string | false> => {
    if (released()) return "released";
    try {
      return await hold(remote, claim, HOLD_AGAIN, [boot]);
    } catch (error) {
      last = messageOf(error);
      return isFinal(error) ? last : false;
    }
  };
  const what = `${remote.name} to answer again`;
  return until(attempt, { ...HOLD_AGAIN_PATIENCE, what, detail: () => last }).catch(messageOf);
}

/** Somebody else has the host, or we closed the way to it ourselves. */
const isFinal = (error: unknown): boolean =>
  error instanceof HarnessError && (error.code === "host-busy" || error.details.reason === "closed");
