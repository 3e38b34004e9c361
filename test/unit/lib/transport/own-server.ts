import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import ssh2, { type Connection, type ServerChannel, type Session } from "ssh2";

/** An ssh server in this process, for what no real server does on command: refusing, hanging, dropping. */
export interface OwnServer {
  readonly port: number;
  /** Connections that were logged in so far. */
  readonly logins: () => number;
  /** Commands that have come so far. */
  readonly commands: () => number;
  /** Most sessions that any one connection had at once. */
  readonly mostSessions: () => number;
  /** Breaks every connection. */
  readonly drop: () => void;
  readonly stop: () => void;
}

interface OwnServerOptions {
  readonly maxSessions?: number;
  readonly refusals?: number;
  readonly silent?: boolean;
  readonly breaks?: "session" | "command";
}

const { Server } = ssh2;
export const PASSWORD = "open sesame";

/**
 * @param refusals so many commands are refused after their session was granted
 * @param breaks the first connection breaks without a word when a session is asked for, or when a command has come
 * @param silent lets everybody in, grants sessions, and never says a word about a command
 */
export async function startOwnServer({
  maxSessions = 10,
  refusals = 0,
  silent = false,
  breaks,
}: OwnServerOptions = {}): Promise<OwnServer> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const hostKey = privateKey.export({ type: "sec1", format: "pem" });
  const open = new Set<Connection>();
  const programs = new Set<ChildProcess>();
  let loginCount = 0;
  let refused = 0;
  let commandCount = 0;
  let most = 0;
  const server = new Server({ hostKeys: [hostKey] }, (connection) => {
    let sessions = 0;
    open.add(connection);
    connection.on("close", () => open.delete(connection));
    connection.on("error", () => undefined);
    connection.on("authentication", (attempt) => {
      if (attempt.method === "password" && attempt.password === PASSWORD) attempt.accept();
      else attempt.reject(["password"]);
    });
    const isBreaking = (when: OwnServerOptions["breaks"]): boolean => breaks === when && loginCount === 1;
    const mayRun = (): boolean => refused >= refusals || ++refused > refusals;
    const muteNow = (): (() => void) | undefined =>
      isBreaking("command") ? () => connection.end() : silent ? () => undefined : undefined;
    connection.on("ready", () => {
      loginCount += 1;
      connection.on("session", (accept, reject) => {
        if (isBreaking("session")) return connection.end();
        if (sessions >= maxSessions) return reject();
        sessions += 1;
        most = Math.max(most, sessions);
        const session = accept();
        session.on("exec", () => {
          commandCount += 1;
        });
        const onEnd = (): void => {
          sessions -= 1;
        };
        const mute = muteNow();
        if (mute === undefined) serve(session, programs, mayRun, onEnd);
        else session.on("exec", mute).on("close", onEnd);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    logins: () => loginCount,
    commands: () => commandCount,
    mostSessions: () => most,
    drop: () => {
      for (const connection of open) connection.end();
    },
    stop: () => {
      for (const connection of open) connection.end();
      for (const program of programs) {
        program.kill("SIGKILL");
        // What the program started may still hold the other end.
        for (const stream of program.stdio) stream?.destroy();
      }
      server.close();
    },
  };
}

function serve(session: Session, programs: Set<ChildProcess>, mayRun: () => boolean, onEnd: () => void): void {
  session.on("close", onEnd);
  session.on("exec", (accept, reject, { command }) => {
    if (!mayRun()) return reject();
    const channel: ServerChannel = accept();
    const program = spawn("/bin/sh", ["-c", command], { stdio: "pipe" });
    programs.add(program);
    channel.on("error", () => undefined);
    program.stdin.on("error", () => undefined);
    channel.pipe(program.stdin);
    program.stdout.pipe(channel, { end: false });
    program.stderr.pipe(channel.stderr, { end: false });
    program.on("close", (code) => {
      programs.delete(program);
      channel.exit(code ?? 255);
      channel.end();
    });
  });
}
