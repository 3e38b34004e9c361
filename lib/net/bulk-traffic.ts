import { opened } from "../transport/opening.js";
import type { Remote } from "../transport/transport.js";

/** iperf3's own; both ends are on hosts that the job has for itself. */
const PORT = 5201;
/** Much longer than any leg; it ends with the leg, or with the connection that it was started over. */
const LONGEST_S = 86_400;

/**
 * Sends as much as goes through from one host to the other, over one TCP connection, until it is stopped.
 * @param address of the receiver, as the sender reaches it
 * @throws HarnessError `unreachable`, also when one of the two does not begin in time; the reason of the signal
 */
export async function startBulkTraffic(
  from: Remote,
  to: Remote,
  address: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const listening = firstLine();
  const server = await to.start(
    { file: "iperf3", args: ["--server", "--one-off", "--forceflush", "--port", String(PORT)] },
    listening.take,
    { what: "iperf3 --server", signal },
  );
  await opened(listening.come, { host: to.name, what: "iperf3 to listen", giveUp: server.stop }, { signal });
  const sending = firstLine();
  const time = ["--time", String(LONGEST_S), "--interval", "1", "--forceflush"];
  const client = await from.start(
    { file: "iperf3", args: ["--client", address, "--port", String(PORT), ...time] },
    sending.take,
    { what: "iperf3 --client", signal },
  );
  const stop = async (): Promise<void> => {
    await client.stop();
    await server.stop();
  };
  await opened(sending.come, { host: from.name, what: "iperf3 to send", giveUp: stop }, { signal });
  return stop;
}

function firstLine() {
  let onLine = (): void => undefined;
  const come = new Promise<void>((resolve) => {
    onLine = resolve;
  });
  return { come, take: () => onLine() };
}
