import { openCappedFile } from "../store/capped-file.js";
import type { Opening } from "../transport/opening.js";
import type { Remote } from "../transport/transport.js";
import type { CpuReading } from "./cpu-readings.js";

export interface TopLog {
  /** Ends it and waits until the file is whole. @returns why it could not be written, if so */
  readonly stop: () => Promise<string | undefined>;
}

export interface TopOptions extends Opening {
  /** The file to write, in the case's folder. */
  readonly path: string;
  /** What comes later is left out, and said so. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 16 * 2 ** 20;
/** top takes no more numbers than this. */
const MAX_PIDS = 20;

/**
 * What `top` shows of libvirt's daemons and of the QEMUs that are there now, every other second, for people who want to look as
 * they would by hand. Nothing is read from it: its percents are of the two seconds before, and a QEMU that comes later is missing.
 * @throws HarnessError `unreachable`; the reason of the signal
 */
export async function startTopLog(
  remote: Remote,
  { processes }: CpuReading,
  { path, maxBytes = MAX_BYTES, ...opening }: TopOptions,
): Promise<TopLog> {
  const daemonsFirst = [...processes].sort((a, b) => (a.kind < b.kind ? -1 : Number(a.kind > b.kind)));
  const pids = daemonsFirst.slice(0, MAX_PIDS).map(({ pid }) => pid);
  if (pids.length === 0) return { stop: async () => "there was no process to look at" };
  const file = openCappedFile(path, maxBytes);
  const running = await remote
    .start(topCommand(pids), (line) => file.write(line), { what: "top", ...opening })
    .catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
  return {
    stop: async () => {
      await running.stop();
      return file.close();
    },
  };
}

/** top asks the terminal how wide it is, and there is none; it makes a folder for its settings where it can. */
export const topCommand = (pids: readonly number[]): { readonly file: string; readonly args: readonly string[] } => ({
  file: "env",
  args: [
    "TERM=dumb",
    "HOME=/dev/null",
    "XDG_CONFIG_HOME=/dev/null",
    "top",
    "-b",
    "-d",
    "2",
    "-w",
    "160",
    "-p",
    pids.join(","),
  ],
});
