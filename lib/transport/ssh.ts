import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { HarnessError, messageOf } from "../errors.js";
import { until } from "../poll.js";
import { connect, type LoginEdges, type SshLogin } from "./connect.js";
import { type Connections, connections } from "./connections.js";
import { sshRun } from "./ssh-run.js";
import { sshStart } from "./ssh-start.js";
import type { Remote } from "./transport.js";

export type { SshLogin } from "./connect.js";

export interface SshEdges extends LoginEdges {
  /** The machine has the `timeout` of coreutils, so that commands are bounded there too. True for hosts, not for guests. */
  readonly remoteTimeout?: boolean | undefined;
}

const RECONNECT = { everyMs: 250, timeoutMs: 2_000 };

/**
 * Opens the way to a machine: one lasting connection, and further ones when more runs at once than it carries. After it
 * broke, what was running rejects with `unreachable`, and the next command connects again.
 * @throws HarnessError `unreachable`, with what to do; `bad-input` when the login itself cannot be used
 */
export async function openSsh(login: SshLogin, edges: SshEdges): Promise<Remote> {
  const pinned = pinningLogin(login, edges);
  const first = await pinned();
  let unused: Client | undefined = first;
  const lines = connections(login.name, async () => {
    const client = unused ?? (await patiently(login, pinned));
    unused = undefined;
    return client;
  });
  await lines.any();
  const wrapping = { become: login.become, remoteTimeout: edges.remoteTimeout ?? true };
  return {
    name: login.name,
    run: sshRun(login.name, lines, wrapping),
    ...sshStart(login.name, lines, wrapping),
    forward: (address, port) => forward(login.name, lines, address, port),
    onDrop: lines.onDrop,
    close: lines.close,
  };
}

/** A key met for the first time is held to by every later connection of this remote. */
function pinningLogin(login: SshLogin, edges: SshEdges): () => Promise<Client> {
  let current = login;
  const onFirstKey = (fingerprint: string): void => {
    current = { ...login, hostKey: fingerprint };
    edges.onFirstKey?.(fingerprint);
  };
  return () => connect(current, { ...edges, onFirstKey });
}

/** A moment's patience with a machine that was there before; a wrong key or a refused login does not mend itself. */
async function patiently(login: SshLogin, open: () => Promise<Client>): Promise<Client> {
  let last: unknown;
  const attempt = (): Promise<Client | undefined> =>
    open().catch((error: unknown) => {
      last = error;
      const reason = error instanceof HarnessError ? error.details.reason : undefined;
      if (reason === "host-key" || reason === "login" || reason === undefined) throw error;
      return undefined;
    });
  return until(attempt, { ...RECONNECT, what: `the connection to ${login.name}` }).catch((error: unknown) => {
    throw new HarnessError("unreachable", messageOf(last ?? error), {}, last ?? error);
  });
}

async function forward(name: string, lines: Connections, address: string, port: number): Promise<Duplex> {
  const client = await lines.any();
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else
        reject(
          new HarnessError(
            "unreachable",
            `${name}: no connection from there to ${address}:${port}: ${error.message}`,
            {},
            error,
          ),
        );
    });
  });
}
