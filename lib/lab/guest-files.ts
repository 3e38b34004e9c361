/** Scripts inside the guest image. Nothing here is specific to a guest: what is comes on the kernel command line. */

/** What a guest says when its kernel has come as far as the first program. */
export const KERNEL_IS_UP = "migstorm: the guest kernel is up";

/** Word on the kernel command line of a guest that has only to say so. */
export const PROBE_WORD = "migstorm.probe";

/** Modules by name; what they depend on is added from the kernel package itself. */
export const GUEST_MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "virtio-rng"];

/**
 * First program of the initial RAM disk: loads what the disk needs, finds it and goes over to it. Every program that an
 * emulated guest starts costs it 5 to 10 ms, so what the shell itself can do it does, and all modules are loaded by one.
 */
export const INITRD_INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
mount -t devtmpfs dev /dev
echo "${KERNEL_IS_UP}"
read -r cmdline < /proc/cmdline
case " $cmdline " in *" ${PROBE_WORD} "*) reboot -f ;; esac
modprobe -a ${GUEST_MODULES.join(" ")}
n=0
while [ ! -b /dev/vda ] && [ "$n" -lt 500 ]; do usleep 10000; n=$((n + 1)); done
mount -t ext4 -o rw,noatime /dev/vda /sysroot || { echo "migstorm: cannot mount /dev/vda"; reboot -f; }
mount --move /dev /sysroot/dev
mount --move /proc /sysroot/proc
exec /bin/busybox switch_root /sysroot /sbin/init
`;

export const GUEST_FSTAB = `sysfs /sys sysfs defaults 0 0
devpts /dev/pts devpts mode=620,gid=5 0 0
tmpfs /run tmpfs defaults 0 0
tmpfs /tmp tmpfs defaults 0 0
tmpfs /dev/shm tmpfs defaults 0 0
`;

/** Brings the system up: file systems, name, address, ssh. A gratuitous ARP tells the neighbours where it is. */
export const GUEST_RC = `#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /dev/pts /dev/shm
mount -a
read -r cmdline < /proc/cmdline
for word in $cmdline; do
  case "$word" in
    migstorm.hostname=*) hostname "\${word#*=}" ;;
    migstorm.ip=*) address="\${word#*=}" ;;
    migstorm.gw=*) gateway="\${word#*=}" ;;
  esac
done
dropbear -s -j -k -r /etc/dropbear/host_key -P /run/dropbear.pid &
ip link set lo up
if [ -n "$address" ]; then
  ip addr add "$address" dev eth0
  ip link set eth0 up
  [ -z "$gateway" ] || ip route add default via "$gateway"
  arping -q -U -c 1 -I eth0 "\${address%/*}" &
fi
wait
`;

export const GUEST_INITTAB = `::sysinit:/etc/rc
::ctrlaltdel:/bin/busybox reboot -f
`;

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
 * What a guest of these images boots with. A second of an emulated boot goes into self-tests, mitigations, security
 * modules and tracing, and where many boot at once the check of the timer interrupt can fail for want of time. The TSC runs with the
 * machine's time, and a guest that gets little of it while it takes the measure of its TSC has a clock that is several times too fast: the HPET
 * needs no measure.
 */
export const GUEST_CMDLINE = [
  ...["console=ttyS0", "quiet", "panic=-1", "random.trust_cpu=1"],
  ...["mitigations=off", "nokaslr", "cryptomgr.notests", "no_timer_check", "tsc=unstable"],
  ...["lsm=", "initcall_blacklist=crypto_kdf108_init,init_kprobe_trace"],
  ...["migstorm.ip={address}/{prefix}", "migstorm.gw={gateway}", "migstorm.hostname={hostname}"],
].join(" ");
