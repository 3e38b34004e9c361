import type { Command } from "../model/command.js";

/**
 * bash waits without starting a program, and reads a line at once where other shells ask the kernel for each byte: a lasting
 * sampler costs less than half with it. It is to read no settings of the user's, as it would where its input is a connection.
 * Hosts without bash have their `sh`, and `sleep`.
 */
const CHOOSE = `if found=$(command -v bash); then exec "$found" --norc --noprofile "$@"; fi
exec sh "$@"`;

/** `pause SECONDS`. Nobody ever writes to the pipe. */
const PAUSE = `pause() { sleep "$1"; }
if [ -n "\${BASH_VERSION-}" ] && eval 'exec 9<> <(:)' 2>/dev/null; then
  pause() { read -r -t "$1" -u 9 _ || :; }
fi`;

/**
 * A script for whatever shell the host has, in which `pause` is known.
 * @param name `$0`: what the host's list of processes shows
 */
export const pausingScript = (
  script: string,
  name: string,
  ...args: readonly string[]
): Pick<Command, "file" | "args"> => ({
  file: "sh",
  args: ["-c", CHOOSE, "sh", "-c", `${PAUSE}\n${script}`, name, ...args],
});
