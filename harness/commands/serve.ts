import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { EXIT } from "../exit-code.js";
import { answer } from "./serve-answer.js";

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
}

const TOKEN_BYTES = 24;
const MOST_CONNECTIONS = 128;

/**
 * Serves a results folder to browsers, read only, until Ctrl-C, SIGTERM or SIGHUP.
 * @throws HarnessError `bad-input` when there is no such folder, or the port is not to be had
 */
export async function serve(dir: string, { port, host }: ServeOptions, write: (text: string) => void): Promise<number> {
  const resultsDir = resolve(dir);
  if (!(await stat(resultsDir).catch(() => undefined))?.isDirectory())
    throw new HarnessError("bad-input", `${dir}: there is no such folder`);
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    void answer({ resultsDir, token }, request, response).catch(() => response.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  const ended = signalled();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    ended.forget();
    throw new HarnessError("bad-input", `cannot listen on ${host}, port ${port}: ${messageOf(error)}`);
  }
  const { address, port: given, family } = server.address() as AddressInfo;
  if (!isLoopback(address))
    write(
      `WARNING    : ${address} can be reached from other machines, and nothing is encrypted: whoever sees the address below reads everything in ${dir}\n`,
    );
  write(`SERVING    : http://${family === "IPv6" ? `[${address}]` : address}:${given}/${token}/\n`);
  write("Ctrl-C ends it. It reads only, and no job needs it.\n");
  await ended.happened;
  server.close();
  server.closeAllConnections();
  return EXIT.ok;
}

/** Also where IPv4 is written as IPv6. */
const isLoopback = (address: string): boolean => address === "::1" || /^(?:::ffff:)?127\./i.test(address);

function signalled(): { readonly happened: Promise<void>; readonly forget: () => void } {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let forget = (): void => undefined;
  const happened = new Promise<void>((done) => {
    const onSignal = (): void => {
      forget();
      done();
    };
    forget = () => {
      for (const name of names) process.off(name, onSignal);
    };
    for (const name of names) process.on(name, onSignal);
  });
  return { happened, forget };
}
