/**
 * The scripts of the lock, for any POSIX sh with coreutils and flock of util-linux. What they need to know comes as
 * arguments. In the folder:
 *
 * - `owner`: who has the host. First line the token, second line a record for people (JSON).
 * - `fence`: locked shared by every guarded command, exclusively by whoever changes `owner`.
 * - `void-CHANGE`: this change was given up, as long as the token is the same.
 * - `alive-TOKEN`: locked as long as the runner of that job holds its connection. The kernel lets go of it.
 */
const COMMON = `umask 077
owner() {
  if [ -e "$base/owner" ]; then cat "$base/owner"; fi
}
token_of_owner() {
  first=
  { read -r first <"$base/owner"; } 2>/dev/null
  printf %s "$first"
}
lives() { [ -e "$base/alive-$1" ] && ! flock -n "$base/alive-$1" true; }
show_owner() {
  if lives "$(token_of_owner)"; then echo lives; else echo dead; fi
  owner
}
write_owner() {
  printf '%s\\n' "$token" "$record" >"$base/owner.$token" && mv "$base/owner.$token" "$base/owner"
}
boot() { cat /proc/sys/kernel/random/boot_id; }
stay() { printf 'ours %s\\n' "$(boot)"; exec cat >/dev/null; }`;

/** Takes the lock and keeps the sign of life until its input ends. Prints `ours BOOT`, or `busy` and who has it. */
export const ACQUIRE = `base=$1 token=$2 record=$3
${COMMON}
mkdir -p "$base" && chmod 700 "$base" || exit 1
exec 8>"$base/alive-$token"
flock -n 8 || [ "$(token_of_owner)" = "$token" ] || exit 1
exec 9>>"$base/fence"
flock -x -w 60 9 || { echo "another change to this host does not end" >&2; exit 1; }
if [ -e "$base/owner" ] && [ "$(token_of_owner)" != "$token" ]; then
  rm -f "$base/alive-$token"
  echo busy
  show_owner
  exit 0
fi
write_owner || exit 1
exec 9>&-
stay`;

/**
 * Gives the sign of life again after the connection broke. A host that was restarted since has forgotten its owner and
 * every command with it: only then the owner is written anew. Prints `ours BOOT` or `gone`.
 */
export const HOLD_AGAIN = `base=$1 token=$2 record=$3 boot_then=$4
${COMMON}
mkdir -p "$base" && chmod 700 "$base" || exit 1
exec 9>>"$base/fence"
flock -x -w 300 9 || exit 1
if [ ! -e "$base/owner" ] && [ "$(boot)" != "$boot_then" ]; then write_owner || exit 1; fi
[ "$(token_of_owner)" = "$token" ] || { echo gone; exit 0; }
exec 8>"$base/alive-$token"
flock -w 5 8 || exit 1
exec 9>&-
stay`;

/**
 * Takes the place of a job that died. Whoever holds its sign of life is not dead; while it is held here it cannot come
 * back. The exclusive lock on the fence waits for the commands it left running. Prints as ACQUIRE, or `lives`.
 */
export const TAKE_OVER = `base=$1 token=$2 record=$3 old=$4
${COMMON}
mkdir -p "$base" && chmod 700 "$base" || exit 1
exec 7>>"$base/alive-$old"
flock -w 0.5 7 || { echo lives; exit 0; }
exec 8>"$base/alive-$token"
flock -n 8 || [ "$(token_of_owner)" = "$token" ] || exit 1
exec 9>>"$base/fence"
flock -x -w 300 9 || { echo "a command of the dead job does not end" >&2; rm -f "$base/alive-$token"; exit 1; }
if [ -e "$base/owner" ] && [ "$(token_of_owner)" != "$old" ] && [ "$(token_of_owner)" != "$token" ]; then
  rm -f "$base/alive-$token" "$base/alive-$old"
  echo busy
  show_owner
  exit 0
fi
write_owner || exit 1
rm -f "$base/alive-$old" "$base"/void-*
exec 9>&- 7>&-
stay`;

/** Takes the owner away if it is still the one with this token, and with it the folder where `own` is set. */
export const RELEASE = `base=$1 token=$2 own=$3
${COMMON}
[ -e "$base/fence" ] || exit 0
exec 9>>"$base/fence"
flock -x -w 300 9 || { echo "another change to this host does not end" >&2; exit 1; }
if [ "$(token_of_owner)" = "$token" ]; then
  rm -f "$base/owner" "$base"/void-* || exit 1
  [ -z "$own" ] || exec rm -rf -- "$base"
fi
rm -f "$base/alive-$token"`;

/** Writes another record of an owner who stays the same; whoever takes the owner's place waits, and commands do not. */
export const NOTE = `base=$1 token=$2 record=$3
${COMMON}
lost() { echo "the lock on this host is no longer ours" >&2; exit 1; }
[ -e "$base/fence" ] || lost
exec 9<"$base/fence"
flock -s -w 60 9 || { echo "the owner of this host is just being changed" >&2; exit 1; }
[ "$(token_of_owner)" = "$token" ] || lost
write_owner`;

/** Prints nothing, or `lives`/`dead` and the owner. */
export const READ = `base=$1
${COMMON}
[ ! -e "$base/owner" ] || show_owner`;
