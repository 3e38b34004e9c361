import type { IncomingMessage, ServerResponse } from "node:http";

export interface Served {
  readonly resultsDir: string;
  readonly token: string;
}

export function send(request: IncomingMessage, response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) });
  response.end(request.method === "HEAD" ? undefined : text);
}

export function refuse(response: ServerResponse, code: number, why: string): void {
  response.writeHead(code, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${why}\n`);
}
