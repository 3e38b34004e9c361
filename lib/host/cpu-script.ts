/**
 * Prints the CPU time of libvirt's daemons, of each guest's QEMU and of the whole host, one line a reading:
 * `cpu UPTIME BUSY`, and behind it `daemon:NAME` or `guest:NAME`, PID, START, UTIME and STIME of each process. UPTIME is in
 * seconds, the others in ticks. `$1` is the pause between two readings in seconds; empty: one reading only. Each is written at
 * once: the last one of a QEMU that is gone counts for its leg.
 *
 * Nothing but builtins, and `pause`: a sampler that started programs would measure itself. All processes are looked through
 * at the first reading and again every twelfth; in between libvirt's pid files tell what has come, so that a QEMU on the
 * target is there from the next reading on. The name in `stat` is compared each time, because a copy of a daemon may become
 * another program. `read` leaves out the NULs between the arguments of a program; a guest whose name is not plain is left out.
 */
export const CPU_SCRIPT = `every=$1 known= round=0
meet() {
  case $known in *" $1/"*) return 0 ;; esac
  { read -r name <"/proc/$1/comm"; } 2>/dev/null || return 0
  case $name in
    libvirtd | virtqemud | virtproxyd) who=daemon:$name ;;
    *)
      arguments=
      { read -r arguments <"/proc/$1/cmdline"; } 2>/dev/null
      case $arguments in *-nameguest=*) ;; *) return 0 ;; esac
      who=\${arguments#*-nameguest=}
      who=guest:\${who%%,*}
      case \${who#guest:} in "" | *[!A-Za-z0-9._+@-]*) return 0 ;; esac
      case $name in *[!A-Za-z0-9._+@-]*) return 0 ;; esac ;;
  esac
  known="$known $1/$name/$who"
}
while :; do
  if [ $((round % 12)) -eq 0 ]; then
    for folder in /proc/[0-9]*; do
      { read -r name <"$folder/comm"; } 2>/dev/null || continue
      case $name in libvirtd | virtqemud | virtproxyd | qemu*) meet "\${folder#/proc/}" ;; esac
    done
  fi
  for file in /run/libvirt/qemu/*.pid /run/libvirtd.pid /run/virtqemud.pid /run/virtproxyd.pid; do
    pid=
    { read -r pid <"$file"; } 2>/dev/null
    case $pid in "" | *[!0-9]*) ;; *) meet "$pid" ;; esac
  done
  round=$((round + 1))
  read -r up _ </proc/uptime || exit 1
  read -r _ user nice system _ _ irq soft _ </proc/stat || exit 1
  line="cpu $up $((user + nice + system + irq + soft))" alive=
  for one in $known; do
    pid=\${one%%/*} who=\${one#*/}
    { read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    case $stat in "$pid (\${who%%/*}) "*) ;; *) continue ;; esac
    set -- \${stat##*) }
    line="$line \${who#*/} $pid \${20} \${12} \${13}" alive="$alive $one"
  done
  known=$alive
  printf '%s\\n' "$line" || exit 1
  [ -n "$every" ] || exit 0
  pause "$every"
done`;
