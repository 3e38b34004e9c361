import { HarnessError } from "../errors.js";
import { opened } from "../transport/opening.js";
import type { Remote, Running } from "../transport/transport.js";

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
  const server = await begun(to, ["--server", "--one-off"], signal);
  const client = await begun(from, ["--client", address, "--time", String(LONGEST_S)], signal).catch(
    async (error: unknown) => {
      await server.stop();
      throw error;
    },
  );
  return async () => {
    await client.stop();
    await server.stop();
  };
}

/** One end, as soon as it says something: that it listens, or what it has sent. */
async function begun(remote: Remote, args: readonly string[], signal: AbortSignal): Promise<Running> {
  let onLine = (): void => undefined;
  const speaks = new Promise<void>((resolve) => {
    onLine = resolve;
  });
  const running = await remote.start(
    { file: "iperf3", args: [...args, "--port", String(PORT), "--interval", "1", "--forceflush"] },
    () => onLine(),
    { what: "iperf3", signal },
  );
  const ended = running.ended.then(({ stderr }) => {
    throw new HarnessError("command-failed", `${remote.name}: iperf3 ended at once: ${stderr.trim()}`);
  });
  ended.catch(() => undefined);
  const waiting = { host: remote.name, what: "iperf3 to begin", giveUp: running.stop };
  await opened(Promise.race([speaks, ended]), waiting, { signal });
  return running;
}
