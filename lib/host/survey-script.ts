import { READ } from "../lock/scripts.js";
import { LIST_RULES } from "../net/firewall-rules.js";
import { LIST_MEMORY } from "./memory.js";

/**
 * Becomes root first where the inventory says so, and tells when it cannot: `$1` is `none` or `sudo`, `$2` the script, the
 * rest its arguments. So that a missing sudo is an answer, and not a command that failed.
 */
export const AS_ROOT = `become=$1 script=$2
shift 2
[ "$become" = sudo ] || exec sh -c "$script" sh "$@"
if ! command -v sudo >/dev/null; then
  printf '== sudo\\nmissing\\n== end\\n'
elif ! said=$(sudo -n -- true 2>&1); then
  printf '== sudo\\nrefused\\n%s\\n== end\\n' "$said"
else
  exec sudo -n -- env LC_ALL=C sh -c "$script" sh "$@"
fi`;

/**
 * What a machine says of itself, in sections; nothing is changed. `$1` libvirt URI, empty on a machine that is no
 * hypervisor; `$2` kind of firewall; `$3` bridge; `$4` folder that all hosts share, or empty; `$5` how many of the
 * following are folders whose free room counts; then base disks, as qemu-img opens them.
 */
export const SURVEY = `set -u
there() { found=$(command -v "$1") && [ -x "$found" ]; }
echo "== tools"
for tool in flock setsid timeout stdbuf ping bash python3 perl getent qemu-img virt-install tcpdump stress stress-ng \\
  libvirtd virtqemud iptables nft firewall-cmd tgtadm qemu-nbd apt-get dnf zypper; do
  there "$tool" && echo "$tool"
done
echo "== memory"
${LIST_MEMORY}
echo "== links"
ip -o link
echo "== addresses"
ip -o addr
echo "== bridge"
[ ! -e "/sys/class/net/$3" ] || echo "$3"
echo "== lock"
( set -- /run/migstorm
${READ}
)
echo "== left"
for folder in /run/migstorm/job-*; do [ ! -e "$folder" ] || echo "folder $folder"; done
[ -z "$1" ] || ( ${LIST_RULES}
) 2>/dev/null | sed -n 's/.*comment "\\{0,1\\}\\(migstorm-[0-9a-z]*\\).*/rule \\1/p' | sort -u
echo "== shared"
if [ -n "$4" ]; then
  if [ -d "$4" ]; then
    echo "inode $(stat -c %i -- "$4")"
    findmnt -nro FSTYPE,SOURCE -T "$4" | tail -n1 | sed 's/^/mount /'
  else echo missing
  fi
fi
echo "== libvirt"
if [ -n "$1" ] && timeout 3 virsh -q -c "$1" version 2>&1; then
  echo "== hostname"
  virsh -q -c "$1" hostname
  echo "== domains"
  virsh -q -c "$1" list --all --name
  echo "== pools"
  virsh -q -c "$1" pool-list --all --name
  echo "== capabilities"
  virsh -q -c "$1" capabilities
  echo "== kvm"
  virsh -q -c "$1" domcapabilities --virttype kvm >/dev/null 2>&1 && echo yes
fi
echo "== room"
count=$5
shift 5
while [ "$count" -gt 0 ]; do
  df -Pk -- "$1" 2>/dev/null | awk -v folder="$1" 'NR == 2 { print $4, folder }'
  count=$((count - 1))
  shift
done
echo "== disks"
for disk in "$@"; do
  { said=$(timeout 2 qemu-img info -U -- "$disk" 2>&1 >/dev/null) && echo "ok $disk" || echo "no $disk $(printf %s "$said" | tail -n1)"; } &
done
wait
echo "== end"`;
