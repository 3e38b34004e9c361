import { messageOf } from "../errors.js";
import { plainText } from "../model/plain-text.js";
import { until } from "../poll.js";
import { redact } from "../redact.js";

/** How long a receiver is given. */
export interface PostPatience {
  /** For all tries together, and for each. */
  readonly totalMs: number;
  readonly tryMs: number;
  /** Before the second try; every further pause is twice as long. */
  readonly pauseMs: number;
}

/** Whether a message arrived; `problem` says why not, without the address. */
export type Posted = { readonly isSent: true } | { readonly isSent: false; readonly problem: string };

const ANSWER_CHARS = 200;
const HEADERS = { "content-type": "application/json; charset=utf-8", "user-agent": "migstorm" };

/**
 * Posts JSON to a webhook. No answer, 408, 429 and 5xx are tried again, so it may arrive twice; a redirect is not
 * followed. Never rejects, and is over after `totalMs`.
 */
export async function post(url: string, body: object, { totalMs, tryMs, pauseMs }: PostPatience): Promise<Posted> {
  const signal = AbortSignal.timeout(totalMs);
  let pause = pauseMs / 2;
  let [tries, problem, retryAfterMs] = [0, "no answer", 0];
  const attempt = async (): Promise<Posted | undefined> => {
    tries += 1;
    const outcome = await tryOnce(url, body, AbortSignal.any([signal, AbortSignal.timeout(tryMs)]));
    if (outcome === undefined) return { isSent: true };
    problem = outcome.problem;
    retryAfterMs = outcome.retryAfterMs;
    return outcome.isFinal ? { isSent: false, problem } : undefined;
  };
  const everyMs = (): number => {
    pause *= 2;
    // A timer takes no more than 24 days, and makes 1 ms of the rest.
    return Math.min(Math.max(pause, retryAfterMs), totalMs);
  };
  try {
    return await until(attempt, { everyMs, timeoutMs: totalMs, what: "the receiver", signal });
  } catch {
    // The time is over: what the last try met is what there is to say.
    return { isSent: false, problem: `${problem} (tried ${tries === 1 ? "once" : `${tries} times`})` };
  }
}

interface Refusal {
  readonly problem: string;
  readonly isFinal: boolean;
  readonly retryAfterMs: number;
}

async function tryOnce(url: string, body: object, signal: AbortSignal): Promise<Refusal | undefined> {
  try {
    const { href, headers } = addressOf(url);
    const init = { method: "POST", redirect: "manual", body: JSON.stringify(body), signal } as const;
    const answer = await fetch(href, { ...init, headers: { ...HEADERS, ...headers } });
    const said = answer.ok ? "" : await beginningOf(answer);
    await answer.body?.cancel();
    if (answer.ok) return undefined;
    const { status } = answer;
    const isFinal = status < 500 && status !== 429 && status !== 408;
    const hint = status >= 300 && status < 400 ? " (redirects are not followed)" : "";
    const problem = `it answered HTTP ${status}${hint}${said === "" ? "" : `: ${said}`}`;
    return { problem, isFinal, retryAfterMs: 1_000 * (Number(answer.headers.get("retry-after")) || 0) };
  } catch (error) {
    return { problem: problemOf(error), isFinal: false, retryAfterMs: 0 };
  }
}

/** `fetch` takes no name and password in an address. */
function addressOf(url: string): { readonly href: string; readonly headers: Readonly<Record<string, string>> } {
  const { username, password, href } = new URL(url);
  if (username === "" && password === "") return { href, headers: {} };
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { href: bare.href, headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` } };
}

/** What a receiver says about its refusal, `no_service` or a page: never more than its first piece. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const { value = new Uint8Array() } = (await reader?.read()) ?? {};
  reader?.releaseLock();
  return plainText(redact(Buffer.from(value).toString("utf8", 0, 4 * ANSWER_CHARS))).slice(0, ANSWER_CHARS);
}

/** A word for it. Messages of errors are no good: they name the address, which may be the secret. */
function problemOf(error: unknown): string {
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"))
    return "it did not answer in time";
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return `it could not be reached (${typeof cause?.code === "string" ? cause.code : redact(messageOf(error))})`;
}
