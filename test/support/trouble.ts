/** Scripts by which tests make trouble on the hosts of a lab. */

export const VIRSH = "virsh -q -c qemu:///system";

/** Stops the virsh that migrates a guest as soon as it is there, before it has told libvirt anything; prints its pid. */
export const HOLD = `until pid=$(pgrep -f "^virsh .*migrate .*$1"); do sleep 0.002; done
kill -STOP $pid
echo $pid`;
export const LET_GO = 'kill -CONT "$1"';

/** An empty machine under the name of a guest, and perhaps with its id: no disk, no network, so it harms nobody. */
export const TWIN = (name: string, uuid?: string): string =>
  `<domain type='qemu'><name>${name}</name>${uuid === undefined ? "" : `<uuid>${uuid}</uuid>`}<memory unit='MiB'>16</memory><os><type arch='x86_64'>hvm</type></os><features><acpi/></features></domain>`;
