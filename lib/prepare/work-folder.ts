import type { Command, HostChange } from "../model/command.js";
import { killDetached } from "../transport/detached.js";

/** Folder on each host for what runs there without us. */
export const workFolder = (jobKey: string): string => `/run/migstorm/job-${jobKey}`;

const END = `for dir in "$1"/*/; do
  [ -d "$dir" ] || continue
  sh -c "$2" sh "\${dir%/}" || exit 1
done`;
const TIMEOUT_MS = 120_000;

/**
 * Ends every program that was put there, e.g. a `virsh migrate` whose runner died. The folder stays: by what lies in it, loads
 * and classes of traffic are found when they are taken back.
 */
export const endPrograms = (jobKey: string): Command => sh(END, jobKey);

/** The folder itself; its undo ends what runs there first. */
export function makeWorkFolder(jobKey: string): HostChange {
  return {
    what: "folder for what runs on its own",
    apply: { file: "mkdir", args: ["-p", "-m", "700", workFolder(jobKey)], timeoutMs: 10_000 },
    undo: sh(`${END}\nrm -rf -- "$1"`, jobKey),
  };
}

function sh(script: string, jobKey: string): Command {
  const kill = killDetached("").args[1] ?? "";
  return { file: "sh", args: ["-c", script, "sh", workFolder(jobKey), kill], timeoutMs: TIMEOUT_MS };
}
