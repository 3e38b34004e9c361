import type { HostChange } from "../model/command.js";
import { killDetached } from "../transport/detached.js";

/** Folder on each host for what runs there without us. */
export const workFolder = (jobKey: string): string => `/run/migstorm/job-${jobKey}`;

const END_AND_REMOVE = `for dir in "$1"/*/; do
  [ -d "$dir" ] || continue
  sh -c "$2" sh "\${dir%/}" || exit 1
done
rm -rf -- "$1"`;

/** The folder itself; its undo ends every program that was put there, e.g. a \`virsh migrate\` whose runner died. */
export function makeWorkFolder(jobKey: string): HostChange {
  const folder = workFolder(jobKey);
  const kill = killDetached("").args[1] ?? "";
  return {
    what: "folder for what runs on its own",
    apply: { file: "mkdir", args: ["-p", "-m", "700", folder], timeoutMs: 10_000 },
    undo: { file: "sh", args: ["-c", END_AND_REMOVE, "sh", folder, kill], timeoutMs: 120_000 },
  };
}
