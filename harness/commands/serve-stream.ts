import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { parseEvents } from "../../lib/store/event-log.js";
import { follow } from "../../lib/store/follow.js";
import { type LiveState, liveFold } from "../../reports/live-state.js";
import { newestJob, plannedCases } from "./serve-jobs.js";
import { refuse } from "./serve-reply.js";

/** What an event `state` of the stream carries. */
export interface News {
  /** Folder of the job. */
  readonly job: string;
  readonly planned?: number;
  readonly state: LiveState;
}

const MOST_STREAMS = 16;
/** A page that is told more often than this shows no more. */
const EVERY_MS = 300;
/** Keeps what lies between us and the browser from taking the connection for dead, and finds a new job. */
const LOOK_MS = 2_000;
let streams = 0;

/**
 * The job live, as server-sent events, until the browser goes. Each carries the whole state: to one that reads slowly, states
 * are passed over and not piled up.
 * @param asked absent: the newest job, whichever that becomes
 */
export async function stream(
  resultsDir: string,
  asked: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (streams >= MOST_STREAMS) return refuse(response, 503, "Too many pages are open.");
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  streams += 1;
  response.write("retry: 2000\n\n");
  let stop = (): void => undefined;
  let job: string | undefined;
  const look = async (): Promise<void> => {
    const newest = asked ?? (await newestJob(resultsDir));
    if (response.destroyed) return;
    if (newest === job || newest === undefined) response.write(": still here\n\n");
    else {
      stop();
      job = newest;
      stop = tell(resultsDir, newest, response);
    }
  };
  const looking = setInterval(() => void look().catch(() => response.destroy()), LOOK_MS).unref();
  response.once("close", () => {
    streams -= 1;
    clearInterval(looking);
    stop();
  });
  await look();
}

/** @returns the way to stop */
function tell(resultsDir: string, job: string, response: ServerResponse): () => void {
  let fold = liveFold();
  let planned: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const now = async (): Promise<void> => {
    planned ??= await plannedCases(resultsDir, job);
    timer = undefined;
    if (isOver || response.destroyed) return;
    if (response.writableNeedDrain) return soon();
    const news: News = { job, ...(planned === undefined ? {} : { planned }), state: fold.state() };
    response.write(`event: state\ndata: ${JSON.stringify(news)}\n\n`);
  };
  const soon = (): void => {
    timer ??= setTimeout(() => void now().catch(() => response.destroy()), EVERY_MS).unref();
  };
  const follower = follow(join(resultsDir, job, "events.ndjson"), {
    onLine: (line) => {
      // Nine lines of ten are commands, and the page shows none.
      if (!line.startsWith('{"type":"command"')) for (const event of parseEvents(line)) fold.take(event);
    },
    onRestart: () => {
      fold = liveFold();
    },
    onNews: soon,
  });
  soon();
  return () => {
    isOver = true;
    clearTimeout(timer);
    follower.close();
  };
}
