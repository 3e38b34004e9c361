/**
 * Scripts for programs that outlive their connection, for any POSIX sh with setsid and flock of util-linux. In the
 * folder of a program: `out`, `err`, `pid` (process and its start time), `rc` (exit code, one short write), and `alive`,
 * locked by the wrapper until all of that is there.
 */

/** Prints `rc N`, or `rc` when there is none, then the end of what the program printed. */
const TELL = `rc=
{ read -r rc <"$dir/rc"; } 2>/dev/null
printf 'rc %s\\n' "$rc"
[ ! -s "$dir/out" ] || tail -c "$cap" "$dir/out"
[ ! -s "$dir/err" ] || tail -c "$cap" "$dir/err" >&2`;

/** First in the new session: notes itself, opens the fence, and has the program run in front of it. */
const WRAPPER = `trap : INT TERM
dir=$1
shift
read -r stat <"/proc/$$/stat"
echo "$$" "\${stat##*)}" >"$dir/pid"
exec 9<&-
"$@" </dev/null >"$dir/out" 2>"$dir/err" 8>&-
echo "$?" >"$dir/rc"`;

/**
 * Prints `ready` and waits for `go`; the end of its input instead means that nobody wants it any more. The fence is held
 * until the program has been noted in its folder, so that whoever takes the lock over finds it there.
 */
export const LAUNCH = `dir=$1 cap=$2 base=$3 token=$4 wrapper=$5
shift 5
umask 077
mkdir -p "\${dir%/*}" && mkdir "$dir" || exit 1
exec 8>"$dir/alive"
flock -x 8 || exit 1
echo ready
read -r word && [ "$word" = go ] || { rm -rf "$dir"; exit 0; }
refuse() { echo refused >"$dir/rc"; echo 'rc refused'; exit 0; }
if [ -n "$token" ]; then
  [ -r "$base/fence" ] || refuse
  exec 9<"$base/fence"
  flock -s -w 60 9 || refuse
  first=
  { read -r first <"$base/owner"; } 2>/dev/null
  [ "$first" = "$token" ] || refuse
else
  exec 9</dev/null
fi
[ ! -e "$dir/stop" ] || refuse
setsid sh -c "$wrapper" sh "$dir" "$@" </dev/null >/dev/null 2>&1 &
exec 9<&- 8>&- 7<"$dir/alive"
flock -s 7
${TELL}`;

export const LAUNCH_WRAPPER = WRAPPER;

/** Waits for a program that was launched before; prints `absent` when nothing of it is here. */
export const WAIT = `dir=$1 cap=$2
[ -e "$dir/alive" ] || { echo absent; exit 0; }
exec 7<"$dir/alive"
flock -s 7
[ -e "$dir/alive" ] || { echo absent; exit 0; }
${TELL}`;

/**
 * Ends a program and all of its session's group: SIGTERM, and SIGKILL after five seconds. The start time tells it from a
 * stranger that got its number since. One that still waits at the barrier will not start any more. Harmless twice, and
 * when it was never launched.
 */
export const KILL = `dir=$1
[ -e "$dir/alive" ] || exit 0
exec 7<"$dir/alive"
flock -s -n 7 && exit 0
: >"$dir/stop"
[ -s "$dir/pid" ] || flock -s -w 1 7 || [ -s "$dir/pid" ] || exit 0
ours() {
  { read -r pid was <"$dir/pid" && read -r is <"/proc/$pid/stat"; } 2>/dev/null || return 1
  set -- $was
  was=\${20}
  set -- \${is##*)}
  [ "$was" = "\${20}" ]
}
ours && kill -s TERM -- "-$pid" 2>/dev/null
flock -s -w 5 7 && exit 0
ours && kill -s KILL -- "-$pid" 2>/dev/null
flock -s -w 5 7 || { echo "it does not end" >&2; exit 1; }`;
