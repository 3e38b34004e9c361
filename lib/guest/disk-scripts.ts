/**
 * Scripts for disks in a guest, for busybox or coreutils. Arguments after the first: serial and use of each disk in turn.
 * A disk is found by its serial, which virtio-blk shows, and never by its letter. Printed are lines `sum DISK SHA256`,
 * `swap DISK KIB` (in use), `fault DISK WORDS`, `missing PROGRAM`, and `end`.
 */
const COMMON = `set -u
PATH=$PATH:/usr/sbin:/sbin
blocks=$1
shift
device() {
  for path in /sys/block/*/serial; do
    [ "$(cat "$path" 2>/dev/null)" = "$1" ] || continue
    path=\${path%/serial}
    echo "/dev/\${path##*/}"
    return 0
  done
  echo "no disk has the serial $1" >&2
  return 1
}
folder() {
  case $2 in
    root) echo /var/lib/migstorm ;;
    ephemeral) echo "/mnt/migstorm-$1" ;;
    swap) echo "/dev/shm/migstorm-$1" ;;
  esac
}
each() {
  step=$1
  shift
  while [ "$#" -gt 1 ]; do
    said=$("$step" "$1" "$2" 2>&1) || printf 'fault %s %s\\n' "$1" "$(printf '%s' "$said" | tr '\\n' ' ')"
    case $said in sum\\ * | swap\\ *) printf '%s\\n' "$said" ;; esac
    shift 2
  done
}
sum() {
  [ "$2" != ephemeral ] || grep -q " $(folder "$@") " /proc/mounts || { echo "it is not mounted any more"; return 1; }
  said=$(sha256sum "$(folder "$@")/migstorm.data") || { echo "$said"; return 1; }
  echo "sum $1 \${said%% *}"
}
used() {
  [ "$2" = swap ] || return 0
  dev=$(device "$1") || { echo "$dev"; return 1; }
  awk -v dev="$dev" -v disk="$1" '$1 == dev { print "swap", disk, $4 }' /proc/swaps
}
forget_cache() { sync; echo 3 >/proc/sys/vm/drop_caches; }`;

/**
 * Makes each disk ready, unless it is, and writes the same content anew to all: blocks of what is read from stdin, each
 * with its number. For swap it goes into memory that is then moved out: on its own where the kernel can be asked to, by
 * taking all memory for a moment otherwise.
 */
export const FILL = `${COMMON}
block=$(cat)
for tool in mke2fs mkswap swapon sha256sum; do
  case "$tool $*" in
    sha256sum\\ * | mke2fs\\ *ephemeral* | mkswap\\ *swap* | swapon\\ *swap*)
      command -v "$tool" >/dev/null 2>&1 || echo "missing $tool" ;;
  esac
done
make() {
  place=$(folder "$@")
  case $2 in
    ephemeral)
      dev=$(device "$1") || { echo "$dev"; return 1; }
      grep -q " $place " /proc/mounts || { mke2fs -F "$dev" && mkdir -p "$place" && mount "$dev" "$place"; } || return 1 ;;
    swap)
      dev=$(device "$1") || { echo "$dev"; return 1; }
      grep -q "^$dev[[:space:]]" /proc/swaps || { mkswap "$dev" && swapon "$dev"; } || return 1
      mkdir -p "$place" ;;
    *) mkdir -p "$place" ;;
  esac || return 1
  i=0
  while [ "$i" -lt "$blocks" ]; do
    printf '%s %s\\n' "$i" "$block" || return 1
    i=$((i + 1))
  done >"$place/migstorm.data"
}
each make "$@"
forget_cache
each sum "$@"
swapped() { awk 'NR > 1 && $4 > 0 { some = 1 } END { exit !some }' /proc/swaps; }
case " $* " in
  *" swap "*)
    groups=/sys/fs/cgroup
    [ -e "$groups/memory.reclaim" ] || groups=/run/migstorm-groups
    [ -e "$groups/memory.reclaim" ] || { mkdir -p "$groups" && mount -t cgroup2 none "$groups"; } 2>/dev/null
    { echo 32M >"$groups/memory.reclaim"; } 2>/dev/null
    [ "$groups" = /sys/fs/cgroup ] || umount "$groups" 2>/dev/null
    if ! swapped; then
      free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
      head -c "$((free + 8192))k" /dev/zero | tail -n 1 >/dev/null 2>&1
    fi ;;
esac
each used "$@"
echo end`;

/** Nothing that is read comes from the cache. What of the swap is in use is looked at before reading brings it back. */
export const READ = `${COMMON}
forget_cache
each used "$@"
each sum "$@"
echo end`;
