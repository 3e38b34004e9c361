import type { LabLayout, LabMachine } from "./layout.js";

/** Path of the storage's export on the storage machine, as NFS clients and the harness name it. */
export const EXPORT = "/srv/migstorm";

/**
 * First script inside a lab machine's own namespaces: makes it look like a machine of its own, then starts its daemons.
 * `$1` is the machine's folder; what is in `bind/` there takes the place of the same path on this machine.
 */
export const INIT = `set -eu
umask 022
mount --make-rprivate /
hostname "$2"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/sshd /run/libvirt
chmod 1777 /run/lock
cd "$1/bind"
find . -mindepth 1 -name '*.bind' | while read -r mark; do
  place="\${mark%.bind}"; place="\${place#.}"
  mkdir -p "$place" 2>/dev/null || true
  mount --bind "$1/bind$place" "$place"
done
for file in /etc/hosts /etc/hostname /etc/shadow /etc/machine-id; do
  [ ! -e "$1/bind$file" ] || { [ -e "$file" ] || touch "$file"; mount --bind "$1/bind$file" "$file"; }
done
[ "$3" != hide-kvm ] || [ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm
cd /
ip link set lo up
/usr/sbin/sshd -D -e >/run/sshd.log 2>&1 &
. "$1/daemons.sh"
while :; do wait; sleep 3600 & wait $!; done
`;

export const HOST_DAEMONS = `virtlogd -d
libvirtd --listen >/run/libvirtd.log 2>&1 &
`;

export const STORAGE_DAEMONS = `rpcbind -w -f >/run/rpcbind.log 2>&1 &
mkdir -p /run/ganesha /var/lib/nfs/ganesha
ganesha.nfsd -F -L /run/ganesha/log -f /etc/ganesha/ganesha.conf -p /run/ganesha/pid >/run/ganesha/out 2>&1 &
`;

const SSHD = `Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
MaxStartups 100
AuthorizedKeysFile .ssh/authorized_keys
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
`;

const LIBVIRTD = ({ uuid }: LabMachine): string => `listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
host_uuid = "${uuid}"
max_clients = 1000
max_anonymous_clients = 100
max_workers = 40
`;

/** Migration of many guests at once needs one of these workers each. */
const QEMU = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
dynamic_ownership = 0
remember_owner = 0
`;

const GANESHA = `NFS_CORE_PARAM { NFS_Protocols = 3,4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { Graceless = true; Minor_Versions = 0,1,2; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT {
  Export_Id = 1;
  Path = ${EXPORT};
  Pseudo = ${EXPORT};
  Access_Type = RW;
  Squash = No_Root_Squash;
  SecType = sys;
  Protocols = 3,4;
  Transports = TCP;
  FSAL { Name = VFS; }
}
`;

/** Every machine knows every other by name: plain precopy sends QEMU to the target's host name. */
const etcHosts = ({ machines }: LabLayout): string =>
  ["127.0.0.1 localhost", ...machines.map(({ address, hostname }) => `${address} ${hostname}`), ""].join("\n");

/** Files of one machine: path inside → text. Folders that are its own are listed in `ownFolders`. */
export const machineFiles = (lab: LabLayout, machine: LabMachine): Readonly<Record<string, string>> => ({
  "/etc/hosts": etcHosts(lab),
  "/etc/hostname": `${machine.hostname}\n`,
  "/etc/machine-id": `${machine.uuid.replaceAll("-", "")}\n`,
  "/etc/shadow": "root:*:19000:0:99999:7:::\n",
  "/etc/ssh/sshd_config": SSHD,
  ...(machine.kind === "host"
    ? { "/etc/libvirt/libvirtd.conf": LIBVIRTD(machine), "/etc/libvirt/qemu.conf": QEMU }
    : { "/etc/ganesha/ganesha.conf": GANESHA }),
});

/** Folders that each machine has for itself instead of this machine's. */
export const ownFolders = ({ kind }: LabMachine): readonly string[] => [
  "/etc/ssh",
  "/root",
  "/tmp",
  "/var/tmp",
  ...(kind === "host"
    ? ["/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"]
    : ["/etc/ganesha", "/var/lib/nfs", EXPORT]),
];
