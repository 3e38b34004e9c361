import type { Opening } from "../transport/opening.js";
import type { Remote, Running } from "../transport/transport.js";
import { flushEvent, type PendingEvent, takeEventLine, type VirshEvent } from "./event-lines.js";

/** The lines of one event leave virsh in one go; after this silence there are no more of them. */
const LINES_MS = 50;
/** The figures end with those of disks, and with those of compression where there is any: then little is left to wait for. */
const LAST_LINES_MS = 5;
const LAST_LINES = /^\s+(?:disk_remaining|compression_\w+): /;

/** `stdbuf`, because virsh does not flush after an event: without it a pipe gets them 4 KiB late. */
export const eventCommand = (connectUri: string): { readonly file: string; readonly args: readonly string[] } => ({
  file: "stdbuf",
  args: ["-oL", "virsh", "-c", connectUri, "event", "--all", "--loop", "--timestamp"],
});

/**
 * Calls `onEvent` for everything that libvirt on a host tells of its domains, in order, until it is stopped. When
 * `ended` resolves and nobody stopped it, events are missing from then on.
 * @throws HarnessError `unreachable`, also when the machine does not begin in time; the reason of the signal
 */
export async function watchEvents(
  remote: Remote,
  connectUri: string,
  onEvent: (event: VirshEvent) => void,
  opening: Opening = {},
): Promise<Running> {
  let pending: PendingEvent | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    const rest = flushEvent(pending);
    pending = undefined;
    rest.forEach(onEvent);
  };
  const onLine = (line: string): void => {
    clearTimeout(timer);
    const taken = takeEventLine(pending, line);
    pending = taken.pending;
    taken.done.forEach(onEvent);
    if (pending !== undefined) timer = setTimeout(flush, LAST_LINES.test(line) ? LAST_LINES_MS : LINES_MS);
  };
  const running = await remote.start(eventCommand(connectUri), onLine, { what: "virsh event", ...opening });
  void running.ended.then(flush);
  return running;
}
