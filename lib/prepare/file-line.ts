import type { HostChange } from "../model/command.js";

const TIMEOUT_MS = 20_000;

/**
 * With sudo the working folder is still the login user's, so a relative path is put behind HOME by hand. One at a time,
 * by a lock on the folder: two that read, filter and write one file would each lose what the other did.
 */
const BEGIN = `set -eu
umask 077
case "$1" in /*) ;; *) set -- "$HOME/$1" "$2" ;; esac
folder=$(dirname "$1")
made="$1.migstorm-made"`;

const LOCK = `exec 9<"$folder"
flock 9`;

/** Adds each line unless it is there; a last line without its newline is not glued to ours. A file we made is marked. */
const ADD = `${BEGIN}
mkdir -p "$folder"
${LOCK}
[ -e "$1" ] || { touch "$made"; touch "$1"; }
printf '%s\\n' "$2" | while IFS= read -r line; do
  grep -qxF -e "$line" -- "$1" && continue
  [ -z "$(tail -c1 -- "$1")" ] || printf '\\n' >> "$1"
  printf '%s\\n' "$line" >> "$1"
done`;

/**
 * Takes out exactly these lines. The rest is written beside the file, with its owner and mode, and takes its place whole:
 * a full disk must not cost what others wrote. Only a file that we made goes, and only when nobody else wrote to it.
 */
const REMOVE = `${BEGIN}
[ -d "$folder" ] || exit 0
${LOCK}
[ -e "$1" ] || { rm -f -- "$made"; exit 0; }
beside="$1.migstorm-$$"
trap 'rm -f -- "$beside"' EXIT
cp -p -- "$1" "$beside"
status=0
printf '%s\\n' "$2" | grep -vxF -f - -- "$1" > "$beside" || status=$?
[ "$status" -le 1 ]
if [ -e "$made" ] && [ ! -s "$beside" ]; then rm -f -- "$1"; else mv -- "$beside" "$1"; fi
rm -f -- "$made"`;

/**
 * Lines in a text file of a host, e.g. in `authorized_keys`, as one change. They must be unmistakably ours (carry the
 * job), since the undo takes them out whoever put them there.
 * @param path absolute, or relative to the home of the user that commands run as
 */
export const fileLines = (what: string, path: string, lines: readonly string[]): HostChange => ({
  what,
  apply: { file: "sh", args: ["-c", ADD, "sh", path, lines.join("\n")], timeoutMs: TIMEOUT_MS },
  undo: { file: "sh", args: ["-c", REMOVE, "sh", path, lines.join("\n")], timeoutMs: TIMEOUT_MS },
});
