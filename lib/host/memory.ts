const MIB = 2 ** 20;

/**
 * What guests may still take, MiB: what the machine has left, and no more than any control group above leaves (`cgroup
 * LIMIT USAGE CACHE` in bytes, a group of version 2 without a limit says `max`). Cache that can be dropped counts as free. 0
 * when the machine does not say: nothing is planned on a guess.
 */
export function freeMemoryMiB(lines: readonly string[]): number {
  const kiB = /^MemAvailable:\s+(\d+) kB$/.exec(lines.find((line) => line.startsWith("MemAvailable:")) ?? "")?.[1];
  const groups = lines.flatMap((line) => {
    const [, limit, usage, cache] = /^cgroup (\d+) (\d+) (\d*)$/.exec(line) ?? [];
    return limit === undefined ? [] : [(Number(limit) - Number(usage) + Number(cache)) / MIB];
  });
  return Math.max(0, Math.floor(Math.min(Number(kiB ?? 0) / 1024, ...groups)));
}
