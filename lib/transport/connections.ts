import type { Client } from "ssh2";
import { HarnessError, messageOf } from "../errors.js";

/** sshd lets a connection have ten sessions at once (MaxSessions); two are left for a session that is just closing. */
const CHANNELS_EACH = 8;
const MAX_CONNECTIONS = 6;

/** One connection and how many channels of it are in use. */
interface Line {
  readonly client: Promise<Client>;
  channels: number;
  limit: number;
}

export interface Connections {
  /**
   * Opens a channel with `open`, on a connection that has room for it; a further connection is made when none has.
   * `release` is to be called once the channel is closed.
   * @throws HarnessError `unreachable`
   */
  readonly channel: <T>(open: (client: Client) => Promise<T>) => Promise<{ value: T; release: () => void }>;
  /** Any open connection, for what does not count as a session. */
  readonly any: () => Promise<Client>;
  readonly onDrop: (listener: (reason: string) => void) => () => void;
  readonly close: () => Promise<void>;
}

/** Connections to one machine: made when needed, shared, made anew after they broke, closed together. */
export function connections(name: string, connect: () => Promise<Client>): Connections {
  let lines: Line[] = [];
  let waiting: (() => void)[] = [];
  let closed = false;
  const listeners = new Set<(reason: string) => void>();

  const forget = (line: Line): void => {
    lines = lines.filter((other) => other !== line);
    wake();
  };
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  const newLine = (): Line => {
    const line: Line = { client: connect(), channels: 0, limit: CHANNELS_EACH };
    lines.push(line);
    line.client.then(
      (client) => watch(client, line),
      () => forget(line),
    );
    return line;
  };
  const watch = (client: Client, line: Line): void => {
    let reason = "the connection was closed";
    client.on("error", (error) => {
      reason = error.message;
    });
    client.once("close", () => {
      forget(line);
      if (!closed) for (const tell of listeners) tell(reason);
    });
  };
  /** Whether the channel may be had by another try, on another line where this one is full or gone. Nothing ran yet. */
  const passOver = (line: Line, error: unknown): boolean => {
    // ssh2 has the same words for a connection that broke behind the command: then it may well have run.
    if (isRefused(error)) return lines.includes(line);
    if (isGone(error)) forget(line);
    else if (isFull(error) && line.channels > 0) line.limit = Math.min(line.limit, line.channels);
    else return false;
    return true;
  };
  /** A line with one more channel taken on it; waits when every connection is full and no more may be made. */
  const reserve = async (): Promise<Line> => {
    for (;;) {
      if (closed) throw new HarnessError("unreachable", `${name}: the connection is closed`, { reason: "closed" });
      const line = lines.find(({ channels, limit }) => channels < limit);
      const usable = line ?? (lines.length < MAX_CONNECTIONS ? newLine() : undefined);
      if (usable !== undefined) {
        usable.channels += 1;
        return usable;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  return {
    channel: async (open) => {
      for (let left = MAX_CONNECTIONS; ; left -= 1) {
        const line = await reserve();
        const release = once(() => {
          line.channels -= 1;
          wake();
        });
        try {
          return { value: await open(await line.client), release };
        } catch (error) {
          release();
          if (left <= 1 || !passOver(line, error)) throw unreachable(name, error);
        }
      }
    },
    any: () => (lines[0] ?? newLine()).client,
    onDrop: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      closed = true;
      wake();
      const clients = await Promise.allSettled(lines.map(({ client }) => client));
      await Promise.all(clients.map((result) => (result.status === "fulfilled" ? end(result.value) : undefined)));
    },
  };
}

/** The server's own limit is lower than ours: not this connection's fault, another one has room. */
const isFull = (error: unknown): boolean => /channel open failure/i.test(messageOf(error));

/** The server took the channel and refused the command: dropbear does, now and then, when two come at once. */
const isRefused = (error: unknown): boolean => /^unable to exec$/i.test(messageOf(error));

/** It broke since it was last used, or while the channel was asked for, which is before any command is sent. */
const isGone = (error: unknown): boolean => /^(?:not connected|no response from server)$/i.test(messageOf(error));

const unreachable = (name: string, error: unknown): HarnessError =>
  error instanceof HarnessError
    ? error
    : new HarnessError("unreachable", `${name}: cannot open a channel: ${messageOf(error)}`, {}, error);

const end = (client: Client): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.destroy();
      // A peer that is gone without a word may keep even this from being told.
      resolve();
    }, 1_000);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
