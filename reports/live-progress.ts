/** What a line of progress tells; an absent figure was not told. */
export interface LiveProgress {
  readonly runningS?: number;
  /** Of everything that is copied: memory, and disks where they are copied too. */
  readonly remainingMiB?: number;
  readonly totalMiB?: number;
  readonly processedMiB?: number;
  readonly memoryRemainingMiB?: number;
  readonly megabytesPerS?: number;
  readonly expectedDowntimeMs?: number;
}

const FIGURES: readonly (readonly [keyof LiveProgress, RegExp])[] = [
  ["runningS", /running for (\d{1,12}(?:\.\d{1,3})?) secs/],
  ["processedMiB", /data progress [^(;]{0,20}\((\d{1,15}) MiB processed/],
  ["remainingMiB", /data progress [^;]{0,80}?(\d{1,15}) MiB remaining/],
  ["totalMiB", /data progress [^;]{0,120}?(\d{1,15}) MiB total/],
  ["memoryRemainingMiB", /memory progress [^;]{0,80}?(\d{1,15}) MiB remaining/],
  ["megabytesPerS", /memory bandwidth (\d{1,12}(?:\.\d{1,3})?) MB\/s/],
  ["expectedDowntimeMs", /expected downtime (\d{1,12}) ms/],
];

/** Figures of a line of a `throughput` event. Total: another line has none. The line is `throughputLine`'s of harness/engine. */
export const progressOf = (line: string): LiveProgress =>
  Object.fromEntries(
    FIGURES.flatMap(([name, pattern]) => {
      const told = pattern.exec(line)?.[1];
      return told === undefined ? [] : [[name, Number(told)]];
    }),
  );
