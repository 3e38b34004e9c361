import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Notification } from "../../lib/model/notification.js";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A webhook on loopback. */
export interface Receiver {
  /** Address with something secret in its path. */
  readonly url: string;
  readonly received: readonly Received[];
  /** The bodies, parsed, as if they were what is published. */
  readonly messages: () => Notification[];
  /** Resolves with the messages as soon as there are so many. */
  readonly arrived: (count: number) => Promise<Notification[]>;
  readonly close: () => Promise<void>;
}

export const SECRET = "hooks/T0AAAA/B0BBBB/s3cr3t-t0k3n-of-a-webhook";

/** @param answer how a request is answered, the first being 0; without an `end` it hangs */
export async function receiver(
  answer: (response: ServerResponse, number: number) => void = (response) => response.end("ok"),
): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece;
    received.push({ path: request.url ?? "", headers: request.headers, text });
    answer(response, received.length - 1);
    for (const look of waiting) look();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const messages = () => received.map(({ text }) => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${SECRET}`,
    received,
    messages,
    arrived: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve(messages());
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
