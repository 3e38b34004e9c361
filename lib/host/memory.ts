import type { Run } from "../transport/transport.js";
import { askSections } from "./sections.js";

const MIB = 2 ** 20;

/** Lines for `freeMemoryMiB`, as a shell prints them: the machine's own, and each control group's above it. */
export const LIST_MEMORY = `grep '^MemAvailable:' /proc/meminfo
while IFS=: read -r number controllers path; do
  case ",$controllers," in
    ,,) base=/sys/fs/cgroup limit=memory.max usage=memory.current ;;
    *,memory,*) base=/sys/fs/cgroup/memory limit=memory.limit_in_bytes usage=memory.usage_in_bytes ;;
    *) continue ;;
  esac
  while :; do
    [ -r "$base$path/$limit" ] && [ -r "$base$path/$usage" ] && echo "cgroup $(cat "$base$path/$limit") $(cat "$base$path/$usage") $(sed -n -e 's/^total_inactive_file //p' -e 's/^inactive_file //p' "$base$path/memory.stat" 2>/dev/null | tail -n1)"
    [ -n "$path" ] && [ "$path" != / ] || break
    path=\${path%/*}
  done
done < /proc/self/cgroup`;

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

const FREE_AND_GUESTS = `set -u
echo "== memory"
${LIST_MEMORY}
echo "== qemu"
for name in "$@"; do
  for file in $(grep -lzE "^guest=$name(,|$)" /proc/[0-9]*/cmdline 2>/dev/null); do
    awk '/^VmRSS:/ { print $2 }' "\${file%cmdline}status" 2>/dev/null
  done
done
echo "== end"`;

/**
 * What a host could give to guests that are not there yet: what is free now, and what these guests hold of it, MiB.
 * @param guests names; those that are elsewhere count nothing
 * @throws HarnessError `command-failed` when the host does not say
 */
export async function memoryWithoutGuestsMiB(run: Run, guests: readonly string[]): Promise<number> {
  const asked = { script: FREE_AND_GUESTS, args: guests };
  return parseMemoryWithoutGuests(await askSections(run, asked, "cannot tell its free memory"));
}

export const parseMemoryWithoutGuests = (found: ReadonlyMap<string, readonly string[]>): number =>
  freeMemoryMiB(found.get("memory") ?? []) +
  Math.floor(
    (found.get("qemu") ?? []).reduce((sum, line) => sum + (/^\d{1,12}$/.test(line) ? Number(line) : 0), 0) / 1024,
  );
