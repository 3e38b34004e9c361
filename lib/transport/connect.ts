import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { HarnessError } from "../errors.js";
import { fingerprintOf, type HostKeyCheck, hostKeyCheck } from "./host-key.js";
import type { Remote } from "./transport.js";

/** How to log in to a machine. The environment is read by the caller; here are only names of secrets. */
export interface SshLogin {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile?: string | undefined;
  readonly passphraseEnv?: string | undefined;
  readonly passwordEnv?: string | undefined;
  readonly agent?: boolean | undefined;
  /** SHA256 fingerprint, or `first-use`: whatever is shown first, told to `onFirstKey`, and held to from then on. */
  readonly hostKey?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly become: "none" | "sudo";
  /** The machine through which this one is reached. */
  readonly via?: Remote | undefined;
}

/** What a login needs from outside the inventory. */
export interface LoginEdges {
  /** Value of an environment variable. */
  readonly secret: (environmentName: string) => string | undefined;
  readonly onFirstKey?: ((fingerprint: string) => void) | undefined;
  /** Told of the key of a server that has proved to be the right one, as it was shown. */
  readonly onTrustedKey?: ((key: Buffer) => void) | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A machine that vanished is noticed after three of them: without, ssh2 never would. */
const KEEPALIVE_MS = 5_000;

/** @throws HarnessError `unreachable`, saying what to do; `bad-input` when the login itself cannot be used */
export async function connect(login: SshLogin, edges: LoginEdges): Promise<Client> {
  // One after the other: of two mistakes the same one is always told.
  const credentials = await credentialsOf(login, edges);
  const check = await hostKeyCheck(login as Policy);
  let refusal: HarnessError | undefined;
  for (const keyTypes of check.keyTypes)
    try {
      return await handshake(login, credentials, { ...check, keyTypes: [keyTypes] }, edges);
    } catch (error) {
      if (!(error instanceof HarnessError) || !isAboutKey(error)) throw error;
      refusal = error.details.reason === "host-key" ? error : (refusal ?? error);
    }
  throw refusal ?? new HarnessError("internal", `${login.name}: no host key type to ask for`);
}

type Policy = Parameters<typeof hostKeyCheck>[0];
type Credentials = Pick<ConnectConfig, "privateKey" | "passphrase" | "password" | "agent" | "tryKeyboard">;

const isAboutKey = ({ details: { reason } }: HarnessError): boolean =>
  reason === "host-key" || reason === "no-such-key";

async function credentialsOf(login: SshLogin, { secret }: LoginEdges): Promise<Credentials> {
  const { name, identityFile, passphraseEnv, passwordEnv } = login;
  const wanted = (what: string, environmentName: string): string => {
    const value = secret(environmentName);
    if (value !== undefined && value !== "") return value;
    throw new HarnessError(
      "bad-input",
      `${name}: ${what} is to be in the environment as ${environmentName}: export it`,
    );
  };
  const agent = login.agent ? wanted("the socket of the ssh agent", "SSH_AUTH_SOCK") : undefined;
  const password = passwordEnv === undefined ? undefined : wanted("the login password", passwordEnv);
  const privateKey = identityFile === undefined ? undefined : await readKey(name, identityFile);
  if (agent === undefined && password === undefined && privateKey === undefined)
    throw new HarnessError("bad-input", `${name}: no way to log in: give identityFile, agent: true or passwordEnv`);
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(password === undefined ? {} : { password, tryKeyboard: true }),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(passphraseEnv === undefined ? {} : { passphrase: wanted("the passphrase of the key", passphraseEnv) }),
  };
}

const readKey = (name: string, path: string): Promise<Buffer> =>
  readFile(path).catch((error: unknown) => {
    throw new HarnessError("bad-input", `${name}: cannot read the private key ${path}`, {}, error);
  });

async function handshake(login: SshLogin, credentials: Credentials, check: HostKeyCheck, edges: LoginEdges) {
  const sock = await login.via?.forward(login.address, login.port);
  const client = new Client();
  let refused: string | undefined;
  let shown = "";
  let shownKey: Buffer | undefined;
  const hostVerifier = (key: Buffer): boolean => {
    shown = fingerprintOf(key);
    shownKey = key;
    refused = check.refusal(key);
    return refused === undefined;
  };
  return new Promise<Client>((resolve, reject) => {
    const fail = (error: Error): void => {
      client.on("error", () => undefined);
      client.destroy();
      sock?.destroy();
      reject(
        refused === undefined
          ? failure(login, error)
          : new HarnessError("unreachable", refused, { reason: "host-key", shown }, error),
      );
    };
    // The handshake is many small packets: with Nagle's algorithm it takes 200 ms instead of 40.
    client.once("connect", () => client.setNoDelay(true));
    client.once("error", fail);
    client.once("close", () => fail(new Error("the server closed the connection before the login was done")));
    client.once("ready", () => {
      client.removeAllListeners("error");
      client.removeAllListeners("close");
      if (login.hostKey === "first-use") edges.onFirstKey?.(shown);
      if (shownKey !== undefined) edges.onTrustedKey?.(shownKey);
      resolve(client);
    });
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => credentials.password ?? "")),
    );
    try {
      client.connect(configOf(login, credentials, check, hostVerifier, sock));
    } catch (error) {
      fail(error as Error);
    }
  });
}

const configOf = (
  { address, port, user }: SshLogin,
  credentials: Credentials,
  check: HostKeyCheck,
  hostVerifier: (key: Buffer) => boolean,
  sock: Duplex | undefined,
): ConnectConfig => ({
  ...credentials,
  host: address,
  port,
  username: user,
  hostVerifier,
  algorithms: { serverHostKey: [...check.keyTypes.flat()] as ServerHostKeyAlgorithm[] },
  readyTimeout: CONNECT_TIMEOUT_MS,
  keepaliveInterval: KEEPALIVE_MS,
  keepaliveCountMax: 3,
  ...(sock === undefined ? {} : { sock }),
});

/** What a person can act on, in place of what the library says. */
function failure({ name, address, port, user }: SshLogin, error: Error & { code?: string; level?: string }) {
  const at = `${address}:${port}`;
  const tell = (text: string, reason: string, code: "unreachable" | "bad-input" = "unreachable"): HarnessError =>
    new HarnessError(code, `${name}: ${text}`, { reason }, error);
  if (error.code === "ECONNREFUSED") return tell(`nothing listens on ${at}: is its sshd running?`, "refused");
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN")
    return tell(`no such host name: ${address}`, "no-such-name");
  if (error.code === "EHOSTUNREACH" || error.code === "ENETUNREACH")
    return tell(`there is no route to ${at}`, "no-route");
  if (error.level === "client-timeout" || error.code === "ETIMEDOUT")
    return tell(`${at} did not answer within ${CONNECT_TIMEOUT_MS / 1000} s: is the machine up?`, "timeout");
  if (error.level === "client-authentication")
    return tell(`${at} does not let ${user} in: check the key, the agent or the password, and the user name`, "login");
  if (/no matching host key format/i.test(error.message))
    return tell(`${at} has no host key of the kind that is known of it`, "no-such-key");
  if (/privateKey|passphrase/i.test(error.message))
    return tell(`the private key cannot be used: ${error.message}`, "key", "bad-input");
  return tell(`cannot log in to ${at}: ${error.message}`, "other");
}
