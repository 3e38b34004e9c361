/**
 * Scripts that make volumes on the machine that serves them, and take them away again. The volume's file is made first
 * and goes last: as long as there is none there is nothing to take away.
 */

/** Arguments: file, size, base (empty: there is none), its format. What is written on the base meanwhile is nobody's. */
const MAKE_FILE = `set -eu
file=$1 size=$2 base=$3 format=$4
make_file() {
  if [ -n "$base" ]; then qemu-img convert -U -f "$format" -O raw -- "$base" "$file"
  else qemu-img create -q -f raw -- "$file" "$size"; fi
}`;

export const FILE = `${MAKE_FILE}
make_file`;

/** Then the name of the target. Numbers of targets are handed out one at a time, by a lock on the folder. */
export const ISCSI = `${MAKE_FILE}
name=$5
targets() { tgtadm --lld iscsi --mode target --op show; }
targets >/dev/null
make_file
exec 9<"\${file%/*}"
flock 9
tid=$(targets | awk '/^Target [0-9]+: / && $2 + 0 > last { last = $2 + 0 } END { print last + 1 }')
tgtadm --lld iscsi --mode target --op new --tid "$tid" --targetname "$name"
tgtadm --lld iscsi --mode logicalunit --op new --tid "$tid" --lun 1 --backing-store "$file"
tgtadm --lld iscsi --mode target --op bind --tid "$tid" --initiator-address ALL`;

/** Arguments: file, name of the target. Where no tgtd runs there are no targets. */
export const NO_ISCSI = `set -eu
file=$1 name=$2
[ -e "$file" ] || exit 0
list=$(tgtadm --lld iscsi --mode target --op show) || { pgrep -x tgtd >/dev/null && exit 1; list=; }
tid=$(printf '%s\\n' "$list" | awk -v name="$name" '/^Target [0-9]+: / && $3 == name { print $2 + 0 }')
[ -z "$tid" ] || tgtadm --lld iscsi --mode target --op delete --tid "$tid" --force
rm -f -- "$file"`;

/**
 * Then the name of the export, the first port and the last one. Whether a port is free only binding it tells: other jobs
 * look for one, too. What qemu-nbd says goes to a file, since it keeps that open. A guest that migrates has two QEMUs.
 */
export const NBD = `${MAKE_FILE}
name=$5 first=$6 last=$7
make_file
count=$((last - first + 1))
begin=$(printf %s "$name" | cksum)
begin=$((\${begin%% *} % count))
tries=0
while [ "$tries" -lt "$count" ]; do
  port=$((first + (begin + tries) % count))
  tries=$((tries + 1))
  if qemu-nbd --fork --persistent --shared=0 --format=raw --export-name="$name" --port="$port" "$file" \\
    </dev/null >"$file.said" 2>&1; then
    echo "$port" >"$file.port"
    exit 0
  fi
  grep -q 'in use' "$file.said" || { cat "$file.said" >&2; exit 1; }
done
echo "no port from $first to $last is free" >&2
exit 1`;

/** Argument: file. The process is known by its program and by the file among its arguments. */
export const NO_NBD = `set -eu
file=$1
[ -e "$file" ] || exit 0
servers() {
  grep -lzxF -e "$file" /proc/[0-9]*/cmdline 2>/dev/null | while IFS=/ read -r _ _ pid _; do
    { read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
    [ "$name" != qemu-nbd ] || echo "$pid"
  done
}
for signal in TERM KILL; do
  tries=0
  while [ "$tries" -le 50 ]; do
    left=$(servers)
    [ -n "$left" ] || { rm -f -- "$file.port" "$file.said" "$file"; exit 0; }
    [ "$tries" -gt 0 ] || kill -s "$signal" $left 2>/dev/null || true
    tries=$((tries + 1))
    sleep 0.1
  done
done
echo "qemu-nbd does not end: $left" >&2
exit 1`;
