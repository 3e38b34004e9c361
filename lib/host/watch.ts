import type { Host } from "../model/inventory.js";
import type { Run } from "../transport/transport.js";
import { askSections } from "./sections.js";

/** What must not grow on a host from one pass of a soak to the next. An absent number could not be read. */
export interface HostWatch {
  readonly domains: number;
  readonly qemuProcesses: number;
  /** All of them, without threads of the kernel: whatever a job forgets to end is among them. */
  readonly processes?: number;
  readonly listeningSockets?: number;
  readonly establishedSockets?: number;
  /** Of the host's network namespace, whatever they are for: clients of libvirt's daemons and monitors of QEMU are among them. */
  readonly unixSockets?: number;
  readonly daemons: readonly WatchedDaemon[];
}

export interface WatchedDaemon {
  /** `libvirtd`, `virtqemud` or `virtproxyd`. */
  readonly name: string;
  /** Another number than before: the daemon was started anew. */
  readonly pid: number;
  readonly residentKiB?: number;
  readonly files?: number;
}

/** TCP sockets by state: 0A listens, 01 is established. */
const WATCH = `set -u
echo "== domains"
virsh -q -c "$1" list --all --name || exit 1
echo "== qemu"
grep -hzo '^guest=[^,]*' /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' '\\n'
echo "== processes"
grep -lz . /proc/[0-9]*/cmdline 2>/dev/null | wc -l
echo "== sockets"
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { listen++ } $4 == "01" { open++ } END { print listen + 0, open + 0 }'
echo "== unix-sockets"
[ -r /proc/net/unix ] && awk 'NR > 1' /proc/net/unix | wc -l
echo "== daemons"
for folder in /proc/[0-9]*; do
  { read -r name < "$folder/comm"; } 2>/dev/null || continue
  case $name in libvirtd | virtqemud | virtproxyd) ;; *) continue ;; esac
  echo "$name \${folder#/proc/} rss=$(sed -n 's/^VmRSS:[[:space:]]*\\([0-9]*\\) kB$/\\1/p' "$folder/status" 2>/dev/null) files=$(ls "$folder/fd" 2>/dev/null | wc -l)"
done
echo "== end"`;

/**
 * Counts what a host has now, in one command.
 * @throws HarnessError `command-failed` when libvirt there does not answer
 */
export async function watchHost(run: Run, host: Host): Promise<HostWatch> {
  return parseWatch(await askSections(run, { script: WATCH, args: [host.connectUri] }, "cannot look at the host"));
}

export function parseWatch(found: ReadonlyMap<string, readonly string[]>): HostWatch {
  const lines = (name: string): readonly string[] => found.get(name) ?? [];
  const [, listening, established] = /^(\d{1,9}) (\d{1,9})$/.exec(lines("sockets")[0] ?? "") ?? [];
  const [processes] = /^[1-9]\d{0,8}$/.exec(lines("processes")[0] ?? "") ?? [];
  const [unix] = /^\d{1,9}$/.exec(lines("unix-sockets")[0] ?? "") ?? [];
  return {
    domains: lines("domains").length,
    qemuProcesses: lines("qemu").length,
    ...(processes === undefined ? {} : { processes: Number(processes) }),
    ...(listening === undefined ? {} : { listeningSockets: Number(listening) }),
    ...(established === undefined ? {} : { establishedSockets: Number(established) }),
    ...(unix === undefined ? {} : { unixSockets: Number(unix) }),
    daemons: largestOfEach(lines("daemons").flatMap(daemonOf)),
  };
}

/** `libvirtd 812 rss=31220 files=27`; without a right to look, the first number is missing and the second is 0. */
function daemonOf(line: string): WatchedDaemon[] {
  const [, name, pid, resident, files] =
    /^(libvirtd|virtqemud|virtproxyd) (\d{1,9}) rss=(\d{0,12}) files=(\d{1,9})$/.exec(line) ?? [];
  if (name === undefined) return [];
  return [
    {
      name,
      pid: Number(pid),
      ...(resident === "" ? {} : { residentKiB: Number(resident) }),
      ...(Number(files) === 0 ? {} : { files: Number(files) }),
    },
  ];
}

/** A daemon that is about to run a program has a copy of itself for a moment, with fewer files and less memory. */
function largestOfEach(daemons: readonly WatchedDaemon[]): WatchedDaemon[] {
  const largest = new Map<string, WatchedDaemon>();
  for (const daemon of daemons) {
    const known = largest.get(daemon.name);
    if (known === undefined || (daemon.residentKiB ?? 0) > (known.residentKiB ?? 0)) largest.set(daemon.name, daemon);
  }
  return [...largest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
