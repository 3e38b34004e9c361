/** Scripts inside the guest image. Nothing here is specific to a guest: what is comes on the kernel command line. */

/** What a guest says when its kernel has come as far as the first program. */
export const KERNEL_IS_UP = "migstorm: the guest kernel is up";

/** Word on the kernel command line of a guest that has only to say so. */
export const PROBE_WORD = "migstorm.probe";

/** First program of the initial RAM disk: loads what the disk needs, finds it and goes over to it. */
export const INITRD_INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
echo "${KERNEL_IS_UP}"
case " $(/bin/busybox cat /proc/cmdline) " in *" ${PROBE_WORD} "*) /bin/busybox reboot -f ;; esac
while read -r module; do /bin/busybox insmod "/modules/$module"; done < /modules/order
n=0
while [ ! -b /dev/vda ] && [ "$n" -lt 500 ]; do /bin/busybox usleep 10000; n=$((n + 1)); done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /root || { echo "migstorm: cannot mount /dev/vda"; /bin/busybox reboot -f; }
/bin/busybox mount --move /dev /root/dev
/bin/busybox umount /proc
exec /bin/busybox switch_root /root /sbin/init
`;

/** Brings the system up: file systems, name, address, ssh. A gratuitous ARP tells the neighbours where it is. */
export const GUEST_RC = `#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,gid=5 devpts /dev/pts
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /dev/shm
value() { for word in $(cat /proc/cmdline); do case "$word" in "$1="*) echo "\${word#*=}" ;; esac; done; }
hostname "$(value migstorm.hostname)"
ip link set lo up
address="$(value migstorm.ip)"
if [ -n "$address" ]; then
  ip addr add "$address" dev eth0
  ip link set eth0 up
  gateway="$(value migstorm.gw)"
  [ -z "$gateway" ] || ip route add default via "$gateway"
  arping -q -U -c 1 -I eth0 "\${address%/*}" &
fi
mkdir -p /run/dropbear
dropbear -s -j -k -r /etc/dropbear/host_key -P /run/dropbear.pid
`;

export const GUEST_INITTAB = `::sysinit:/etc/rc
::ctrlaltdel:/bin/busybox reboot -f
`;

/** Modules by name; what they depend on is added from the kernel package itself. */
export const GUEST_MODULES = [
  "virtio_pci",
  "virtio_blk",
  "virtio_net",
  "virtio_balloon",
  "virtio-rng",
  "virtio_console",
];

/** The base images: alike but for the system they say they are, as four distributions would be to the harness. */
export const GUEST_SYSTEMS = [
  { image: "tiny-a", pretty: "Migstorm Tiny A", version: "1" },
  { image: "tiny-b", pretty: "Migstorm Tiny B", version: "2" },
  { image: "tiny-c", pretty: "Migstorm Tiny C", version: "3" },
  { image: "tiny-d", pretty: "Migstorm Tiny D", version: "4" },
] as const;

export const osRelease = ({ image, pretty, version }: (typeof GUEST_SYSTEMS)[number]): string =>
  `NAME="Migstorm Tiny"\nPRETTY_NAME="${pretty}"\nID=${image}\nVERSION_ID=${version}\n`;

/**
 * What a guest of these images boots with. Half a second of an emulated boot goes into self-tests and mitigations, and
 * where many boot at once the check of the timer interrupt can fail for want of time.
 */
export const GUEST_CMDLINE = [
  ...["console=ttyS0", "quiet", "panic=-1", "random.trust_cpu=1"],
  ...["mitigations=off", "nokaslr", "cryptomgr.notests", "no_timer_check"],
  ...["migstorm.ip={address}/{prefix}", "migstorm.gw={gateway}", "migstorm.hostname={hostname}"],
].join(" ");
