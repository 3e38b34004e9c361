import { createInterface } from "node:readline";
import { registerUrl } from "./address.js";
import { post } from "./post.js";
import { recordNotified } from "./record.js";
import type { WatchOrder, WatchWord } from "./watch.js";

/**
 * A process of its own, one for each job: waits for the end of its input, which is that of the runner, and then posts the
 * message that it was given last. Whatever happens, it is over some time after its input.
 */
const MARGIN_MS = 5_000;

// A service manager ends all of a service at once, and the runner takes its time to put hosts back.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined);

let order: WatchOrder | undefined;
let message: object | undefined;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
  const word = wordOf(line);
  if (word === undefined) continue;
  if ("done" in word) process.exit(0);
  if ("order" in word) order = word.order;
  if ("hold" in word) message = word.hold;
}
if (order !== undefined && message !== undefined) {
  const { url, record, patience } = order;
  setTimeout(() => process.exit(1), patience.totalMs + MARGIN_MS);
  registerUrl(url);
  const at = new Date().toISOString();
  const posted = await post(url, { ...message, at }, patience);
  const { event = "killed" } = message as { readonly event?: string };
  await recordNotified(record, { at, event, ...(posted.isSent ? {} : { problem: posted.problem }) });
}
process.exit(0);

function wordOf(line: string): WatchWord | undefined {
  try {
    return JSON.parse(line) as WatchWord;
  } catch {
    // The end of the runner tore it: the one before holds.
    return undefined;
  }
}
