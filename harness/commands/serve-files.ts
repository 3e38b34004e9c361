import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { openInside } from "../../lib/store/confined.js";
import { renderFolderPage } from "../../reports/live-page.js";
import { refuse, type Served, send } from "./serve-reply.js";

const MOST_ENTRIES = 5_000;
/** What the locks of hosts carry stands in it. */
const WITHHELD = new Set(["job.json"]);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  json: "application/json; charset=utf-8",
  pcap: "application/vnd.tcpdump.pcap",
};

/** A report may run its own script and style, in a world of its own: it reaches neither the network nor this page. */
const REPORT_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";

/** A file of the results folder as it is, or the list of a folder. Every other file than a report is told as plain text. */
export async function answerFile(
  served: Served,
  names: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isFolder = names.at(-1) === "";
  const parts = isFolder ? names.slice(0, -1) : names;
  const file = parts.some((name) => WITHHELD.has(name)) ? undefined : await openInside(served.resultsDir, parts);
  if (file === undefined) return refuse(response, 404, "There is no such file.");
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) return await folder(`/proc/self/fd/${file.fd}`, parts, isFolder, request, response);
    const name = parts.at(-1) ?? "";
    const ending = name.split(".").at(-1) ?? "";
    if (ending === "html") response.setHeader("Content-Security-Policy", REPORT_POLICY);
    response.writeHead(200, {
      "Content-Type": TYPES[ending] ?? "text/plain; charset=utf-8",
      "Content-Length": stat.size,
    });
    if (request.method === "HEAD" || stat.size === 0) {
      response.end();
      return;
    }
    // A log grows while it is sent: no byte more than was promised.
    await pipeline(file.createReadStream({ start: 0, end: stat.size - 1, autoClose: false }), response);
  } finally {
    await file.close();
  }
}

async function folder(
  path: string,
  parts: readonly string[],
  hasSlash: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!hasSlash) {
    // Relative links need the slash at the end.
    response.writeHead(308, { Location: `./${encodeURIComponent(parts.at(-1) ?? "files")}/` });
    response.end();
    return;
  }
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter(({ name }) => !WITHHELD.has(name))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
    .slice(0, MOST_ENTRIES);
  const nonce = randomBytes(16).toString("base64url");
  response.setHeader(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  send(request, response, "text/html; charset=utf-8", renderFolderPage(`${parts.join("/")}/`, names, nonce));
}
