import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { renderLivePage } from "../../reports/live-page.js";
import { answerFile } from "./serve-files.js";
import { isJobFolder, listedJobs, newestJob, plannedCases } from "./serve-jobs.js";
import { refuse, type Served, send } from "./serve-reply.js";
import { stream } from "./serve-stream.js";

const MOST_URL_CHARS = 4_096;

/**
 * One request. The token is the first name of every path, so that links between reports need nothing else:
 * `/TOKEN/`, `/TOKEN/job/JOB`, `/TOKEN/events[/JOB]`, `/TOKEN/files/…`.
 */
export async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
  const path = namesOf(request.url ?? "");
  if (path === undefined || !isToken(path[0] ?? "", served.token))
    return refuse(response, 403, "The token is missing or wrong.");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return refuse(response, 405, "This server reads only.");
  }
  return route(served, path.slice(1), request, response);
}

async function route(
  served: Served,
  [verb = "", ...rest]: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (verb === "files") return answerFile(served, rest, request, response);
  const job = rest.filter((name) => name !== "").join("/");
  const isAsked = job !== "";
  if (isAsked && !(await isJobFolder(served.resultsDir, job))) return refuse(response, 404, "There is no such job.");
  if (verb === "events") return stream(served.resultsDir, isAsked ? job : undefined, request, response);
  if (verb === (isAsked ? "job" : "")) return page(served, job, request, response);
  return refuse(response, 404, "There is no such page.");
}

async function page(served: Served, asked: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const nonce = randomBytes(16).toString("base64url");
  const shown = asked === "" ? await newestJob(served.resultsDir) : asked;
  const planned = shown === undefined ? undefined : await plannedCases(served.resultsDir, shown);
  const html = renderLivePage({
    ...(await listedJobs(served.resultsDir)),
    ...(shown === undefined ? {} : { shown }),
    ...(planned === undefined ? {} : { planned }),
    isNewest: asked === "",
    root: `/${served.token}/`,
    nonce,
  });
  response.setHeader(
    "Content-Security-Policy",
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  send(request, response, "text/html; charset=utf-8", html);
}

/** Names of a path, decoded one by one: a slash that was encoded stays in its name. @returns absent when it is none */
export function namesOf(url: string): string[] | undefined {
  const path = url.split("?")[0] ?? "";
  if (!path.startsWith("/") || url.length > MOST_URL_CHARS) return undefined;
  try {
    return path.slice(1).split("/").map(decodeURIComponent);
  } catch {
    // No percent code that means something.
    return undefined;
  }
}

/** In the same time whatever was given, its length included: hashes are compared. */
export const isToken = (given: string, token: string): boolean => timingSafeEqual(hashed(given), hashed(token));
const hashed = (text: string): Buffer => createHash("sha256").update(text).digest();
