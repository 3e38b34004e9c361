/** Scripts by which tests make trouble on the hosts of a lab. */

export const VIRSH = "virsh -q -c qemu:///system";

/** Stops a virsh for a guest as soon as it is there, before it has told libvirt anything; prints its pid. */
const HELD = (verb: string): string => `until pid=$(pgrep -f "^virsh .*${verb} .*$1"); do sleep 0.002; done
kill -STOP $pid
echo $pid`;
export const HOLD = HELD("migrate");
export const HOLD_RESET = HELD("reset");
export const LET_GO = 'kill -CONT "$1"';

/** Waits until the ssh of an address can be reached. */
export const UP = `until timeout 1 bash -c 'exec 3<>"/dev/tcp/$1/22"' bash "$1" 2>/dev/null; do sleep 0.1; done`;

/** A program that is there no more, on that host alone: machines of a lab have mounts of their own. */
export const HIDE = (path: string): string => `: >/run/nothing; mount --bind /run/nothing ${path}`;
export const SHOW = (path: string): string => `umount ${path}; rm /run/nothing`;

/** At the end of its kernel's command line: a guest of the lab boots without stress-ng. */
export const WITHOUT_STRESS_NG = `rdinit=/bin/busybox -- sh -c "/bin/busybox sed '/^exec/i /bin/busybox rm /sysroot/usr/bin/stress-ng' /init > /bare; exec /bin/busybox sh /bare"`;

/** An empty machine under the name of a guest, and perhaps with its id: no disk, no network, so it harms nobody. */
export const TWIN = (name: string, uuid?: string): string =>
  `<domain type='qemu'><name>${name}</name>${uuid === undefined ? "" : `<uuid>${uuid}</uuid>`}<memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os><features><acpi/></features></domain>`;
