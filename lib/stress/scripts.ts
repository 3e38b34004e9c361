/**
 * The inner shell writes down its pid and start time before it becomes the tool, so that nothing ever runs that the undo
 * cannot find. A tool that dies at once (a misspelt option) is given a moment to do so, and its own words are told.
 *
 * `once` as it is; `first` is what the kernel kills first when memory runs out, so that it is not a guest or libvirtd;
 * `again` besides is started again each time it was ended so, by a shell that stays, and counts. stress ends its other
 * workers by the number of its process group, which it therefore has to lead; a dash without a terminal cannot give it one.
 */
export const START = `set -u
kept=$1
shift
file=$1 tool=$2
command -v "$tool" >/dev/null 2>&1 || { echo "$tool is not installed" >&2; exit 127; }
umask 077
mkdir -p "$(dirname "$file")" || exit 1
shell=sh
[ "$kept" != again ] || shell=$(command -v bash || echo sh)
setsid "$shell" -c '
  kept=$1 file=$2
  shift 2
  read -r stat < /proc/$$/stat
  rest=\${stat##*") "}
  ticks=$(set -- $rest; echo "\${20}")
  [ "$kept" = once ] || echo 1000 > /proc/self/oom_score_adj
  echo "$$ $ticks" > "$file.new" && mv "$file.new" "$file" || exit 1
  [ "$kept" = again ] || exec "$@"
  set -m
  until "$@"; do
    echo "$?" >> "$file.again"
    sleep 1
  done
' sh "$kept" "$@" </dev/null >"$file.log" 2>&1 &
tries=0
until [ -s "$file" ]; do
  tries=$((tries + 1))
  # Once it has said that it did not start it must not start: nobody would find it.
  [ "$tries" -le 50 ] || { kill -KILL "$!"; wait "$!"; echo "it did not start: $(tail -n3 "$file.log")" >&2; exit 1; }
  sleep 0.1
done
sleep 0.2
read -r pid ticks < "$file"
state=gone
if read -r stat 2>/dev/null < "/proc/$pid/stat"; then
  rest=\${stat##*") "}
  state=\${rest%% *}
fi
case $state in
  gone | Z | X) echo "it ended at once: $(tail -n3 "$file.log")" >&2; exit 1 ;;
esac
echo "$pid $ticks"`;

export const ASK = `cat -- "$1"`;

/** Processes of the load's session, as lines of /proc/PID/stat; a worker whose parent died still belongs to it. */
const MEMBERS = `cat /proc/[0-9]*/stat 2>/dev/null | awk -v session="$pid" '
  { rest = $0; sub(/^.*\\) /, "", rest); split(rest, field, " "); if (field[4] == session) print }'`;

export const SIGHT = `set -u
pid=$1
echo "page $(getconf PAGESIZE 2>/dev/null || echo 4096)"
echo "again $(wc -l < "$2.again" 2>/dev/null || echo 0)"
echo "hz $(getconf CLK_TCK 2>/dev/null || echo 100)"
members=$(${MEMBERS})
printf '%s\\n' "$members"
echo "swap $(printf '%s\\n' "$members" | while read -r pid rest; do
  sed -n 's/^VmSwap:[^0-9]*\\([0-9]*\\) kB$/\\1/p' "/proc/$pid/status" 2>/dev/null
done | awk '{ sum += $1 } END { print sum + 0 }')"
echo end`;

/**
 * Ends the session. To give back hundreds of GiB takes a kernel many seconds, in which the process is still there. A process with
 * our pid but another start time means that ours are all gone: the kernel gives no pid again while a session still has that number.
 */
export const STOP = `set -u
[ -e "$1" ] || exit 0
read -r pid ticks < "$1" || exit 1
members() {
  ${MEMBERS} | awk '{ pid = $1; sub(/^.*\\) /, ""); if ($1 != "Z" && $1 != "X") print pid }'
}
done_with() {
  rm -f -- "$1" "$1.log" "$1.again"
  rmdir -- "$(dirname "$1")" 2>/dev/null
  exit 0
}
if read -r stat 2>/dev/null < "/proc/$pid/stat"; then
  rest=\${stat##*") "}
  now=$(set -- $rest; echo "\${20}")
  [ "$now" = "$ticks" ] || done_with "$1"
fi
tries=0
while [ "$tries" -le 400 ]; do
  left=$(members)
  [ -n "$left" ] || done_with "$1"
  # Asked once; then killed, and so is whom a supervisor starts while it dies.
  case $tries in
    0) kill -s TERM $left 2>/dev/null ;;
    ? | 1?) ;;
    *) kill -s KILL $left 2>/dev/null ;;
  esac
  tries=$((tries + 1))
  sleep 0.1
done
echo "processes that do not end: $(echo $left)" >&2
exit 1`;
