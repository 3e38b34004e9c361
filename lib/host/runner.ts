import { readdir } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What this process uses itself. */
export interface RunnerUse {
  readonly residentKiB: number;
  /** What JavaScript still holds after a full collection: without one, garbage would hide a leak of the same size. */
  readonly heapKiB: number;
  /** Open files and sockets; absent where there is no /proc. */
  readonly files?: number;
}

export async function runnerUse(): Promise<RunnerUse> {
  collector()();
  const { rss, heapUsed } = process.memoryUsage();
  const files = await readdir("/proc/self/fd").catch(() => undefined);
  return {
    residentKiB: Math.round(rss / 1024),
    heapKiB: Math.round(heapUsed / 1024),
    ...(files === undefined ? {} : { files: files.length }),
  };
}

/** Node hides its collector behind a flag; a context that is made after the flag was set has it. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
