import type { Command } from "../model/command.js";

/** Of each part, and there are some five for a guest and ten for a host. */
const PART_BYTES = 64 * 1024;
const TIMEOUT_MS = 20_000;

/** Whatever is missing or refused says so in its part. Of logs the end is kept, of everything else the begin. */
const COLLECT = `uri=$1 since=$2 limit=$3
shift 3
part() {
  printf '\\n== %s\\n' "$1"
  shift
  timeout 5 "$@" 2>&1 </dev/null | head -c "$limit"
}
last() {
  printf '\\n== %s\\n' "$1"
  shift
  timeout 5 "$@" 2>&1 </dev/null | tail -c "$limit"
}
part domains virsh -c "$uri" list --all
# A libvirt that does not answer is asked once.
answers=$(timeout 5 virsh -c "$uri" uri 2>/dev/null </dev/null)
for guest; do
  last "QEMU's log of $guest" cat "/var/log/libvirt/qemu/$guest.log"
  [ -n "$answers" ] || continue
  part "definition of $guest" virsh -c "$uri" dumpxml --domain "$guest"
  part "job of $guest" virsh -c "$uri" domjobinfo --domain "$guest"
  part "last job of $guest" virsh -c "$uri" domjobinfo --completed --domain "$guest"
done
if command -v journalctl >/dev/null 2>&1; then
  last "libvirt's log" journalctl --no-pager -o short-precise --since "-\${since}s" \\
    -u libvirtd -u virtqemud -u virtproxyd -u virtlogd
fi
for log in /var/log/libvirt/libvirtd.log /var/log/libvirt/virtqemud.log /run/libvirtd.log; do
  [ ! -f "$log" ] || last "$log" cat "$log"
done
last "the kernel's log" dmesg -T
part sockets ss -Hantp
part addresses ip address
part routes ip route
part "traffic control" tc -s qdisc
for path in /sys/class/net/*; do
  [ -z "$(tc class show dev "\${path##*/}" 2>/dev/null)" ] || part "classes of \${path##*/}" tc -s class show dev "\${path##*/}"
done
part iptables iptables-save -c
part nftables nft list ruleset
part memory cat /proc/meminfo
part pressure cat /proc/loadavg /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io
part disks df -h
part processes ps -eo pid,ppid,stat,etime,rss,args
exit 0`;

/**
 * Prints what an engineer would ask a host for: guests as libvirt has them, logs, sockets, traffic control, firewall. Changes
 * nothing. @param sinceMs how far back logs with a time are wanted
 */
export const collection = (connectUri: string, guests: readonly string[], sinceMs: number): Command => ({
  file: "sh",
  args: ["-c", COLLECT, "sh", connectUri, String(Math.ceil(sinceMs / 1000)), String(PART_BYTES), ...guests],
  timeoutMs: TIMEOUT_MS,
});
