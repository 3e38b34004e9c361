import { spawn } from "node:child_process";
import { atMost } from "../at-most.js";
import { ownScript } from "../own-script.js";
import type { PostPatience } from "./post.js";

/** What the watcher is told first. */
export interface WatchOrder {
  readonly url: string;
  /** `notified.ndjson`, for what came of it. */
  readonly record: string;
  readonly patience: PostPatience;
}

/** A line to the watcher. */
export type WatchWord =
  | { readonly order: WatchOrder }
  /** To be posted when we are gone; in place of the one before. */
  | { readonly hold: object }
  /** We end by ourselves, and all is told. */
  | { readonly done: true };

/** A process that outlives us. */
export interface Watch {
  /** The message to post, with the time of then, should this process end before `release`. */
  readonly hold: (message: object) => void;
  /** Ends the watcher: nothing is left to tell. */
  readonly release: () => Promise<void>;
}

/** Receivers may be restarted: two minutes, because nobody waits for it. */
const PATIENCE: PostPatience = { totalMs: 120_000, tryMs: 10_000, pauseMs: 1_000 };
const HEAP_MIB = 64;
const RELEASE_MS = 2_000;

/**
 * Starts the watcher: in a session of its own, so that Ctrl-C and the end of a terminal pass it by, with nothing of ours open
 * but the pipe whose end it waits for, and with little of our environment: a CI server ends what carries its marks.
 * @param onProblem told once when there is none, or it ended by itself
 */
export function startWatch(
  { url, record, patience = PATIENCE }: Omit<WatchOrder, "patience"> & Partial<WatchOrder>,
  onProblem: (problem: string) => void,
): Watch {
  const child = spawn(process.execPath, ownScript("./watcher", import.meta.url, HEAP_MIB), {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name))),
  });
  let isOver = false;
  const ended = (problem: string): void => {
    if (!isOver) onProblem(problem);
    isOver = true;
  };
  child.once("error", (error) => ended(error.message));
  child.once("exit", (code, signal) => ended(`it ended with ${signal ?? code}`));
  child.stdin.on("error", () => undefined);
  child.unref();
  // Neither does the pipe keep us: it is a socket, whatever its type says.
  (child.stdin as unknown as { readonly unref?: () => void }).unref?.();
  const say = (word: WatchWord): void => {
    if (!isOver) child.stdin.write(`${JSON.stringify(word)}\n`);
  };
  say({ order: { url, record, patience } });
  return {
    hold: (message) => say({ hold: message }),
    release: async () => {
      if (isOver) return;
      say({ done: true });
      isOver = true;
      await atMost(RELEASE_MS, new Promise<void>((resolve) => child.stdin.end(resolve)));
    },
  };
}

/** Proxies and certificates, and where temporary files go. `NODE_OPTIONS` could make it wait for a debugger. */
const KEPT =
  /^(?:NODE_USE_\w+|NODE_EXTRA_CA_CERTS|NODE_TLS_\w+|SSL_CERT_\w+|OPENSSL_CONF|(?:https?|no|all)_proxy|TMPDIR)$/i;
