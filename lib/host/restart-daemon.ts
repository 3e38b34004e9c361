import { HarnessError } from "../errors.js";
import type { Command, HostChange } from "../model/command.js";
import type { Run } from "../transport/transport.js";

const TIMEOUT_MS = 60_000;

/** One that has ended and that nobody asked after is still in /proc, and its name with it. */
const LIVES = `lives() {
  case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) in '' | Z* | X*) return 1 ;; esac
}`;

/** `libvirtd` or `virtqemud`: the one that drives QEMU. A copy of itself that is about to run a program has it as its parent. */
const FIND = `set -u
${LIVES}
for folder in /proc/[0-9]*; do
  { read -r name < "$folder/comm"; } 2>/dev/null || continue
  case $name in libvirtd | virtqemud) ;; *) continue ;; esac
  lives "\${folder#/proc/}" || continue
  parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$folder/status" 2>/dev/null)
  case $(cat "/proc/$parent/comm" 2>/dev/null) in libvirtd | virtqemud) continue ;; esac
  echo "\${folder#/proc/}"
  echo "$name"
  tr '\\000' '\\n' < "$folder/cmdline"
  exit 0
done
exit 1`;

/** Under systemd its unit is started, elsewhere the same command line. One that is there already keeps another from starting. */
const START = `start() {
  if [ -d /run/systemd/system ]; then systemctl start "$1"
  else shift; setsid -f "$@" </dev/null >/dev/null 2>&1
  fi
}`;
const RESTART = `set -u
${LIVES}
${START}
pid=$1
shift
{ read -r found < "/proc/$pid/comm"; } 2>/dev/null || found=
if [ "$found" = "$1" ]; then
  kill -KILL "$pid" || exit 1
  while lives "$pid"; do sleep 0.02; done
fi
start "$@"`;
const ENSURE = `set -u
${START}
start "$@"`;

/**
 * Ends the daemon that drives QEMU as a crash would (SIGKILL), and starts it again as it was started. The undo starts it
 * where it does not run.
 * @throws HarnessError `command-failed` when there is none
 */
export async function restartDaemon(run: Run): Promise<HostChange> {
  const { exitCode, stdout, host } = await run(sh(FIND));
  const [pid = "", name = "", ...argv] = stdout.split("\n").filter((line) => line !== "");
  if (exitCode !== 0 || !/^\d+$/.test(pid) || argv.length === 0)
    throw new HarnessError("command-failed", `${host}: neither libvirtd nor virtqemud runs there`);
  return {
    what: `end ${name} and start it again`,
    apply: sh(RESTART, pid, name, ...argv),
    undo: sh(ENSURE, name, ...argv),
  };
}

const sh = (script: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", script, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
