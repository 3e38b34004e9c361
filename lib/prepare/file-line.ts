import type { HostChange } from "../model/command.js";

const TIMEOUT_MS = 10_000;

/** With sudo the working folder is still the login user's, so a relative path is put behind HOME by hand. */
const IN_HOME = `case "$1" in /*) ;; *) set -- "$HOME/$1" "$2" ;; esac`;

/** Adds the line unless it is there; a last line without its newline is not glued to ours. */
const ADD = `set -eu
${IN_HOME}
umask 077
mkdir -p "$(dirname "$1")"
touch "$1"
grep -qxF -e "$2" "$1" && exit 0
[ -z "$(tail -c1 "$1")" ] || printf '\\n' >> "$1"
printf '%s\\n' "$2" >> "$1"`;

/** Takes out exactly this line, keeping owner and mode of the file; a file that is left empty goes. */
const REMOVE = `set -eu
${IN_HOME}
[ -e "$1" ] || exit 0
grep -qxF -e "$2" "$1" || exit 0
rest=$(grep -vxF -e "$2" "$1" || true)
if [ -z "$rest" ]; then rm -f "$1"; else printf '%s\\n' "$rest" > "$1"; fi`;

/**
 * A line in a text file of a host, e.g. in `authorized_keys`. The line must be unmistakably ours (carry the job), since
 * the undo takes it out whoever put it there.
 * @param path absolute, or relative to the home of the user that commands run as
 */
export const fileLine = (what: string, path: string, line: string): HostChange => ({
  what,
  apply: { file: "sh", args: ["-c", ADD, "sh", path, line], timeoutMs: TIMEOUT_MS },
  undo: { file: "sh", args: ["-c", REMOVE, "sh", path, line], timeoutMs: TIMEOUT_MS },
});
