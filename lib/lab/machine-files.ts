import type { LabLayout, LabMachine } from "./layout.js";

/** Path of the storage's export on the storage machine, as NFS clients and the harness name it. */
export const EXPORT = "/srv/migstorm";

/** What of another QEMU is laid over the installed one. */
const QEMU_PATHS = "usr/bin/qemu-system-x86_64 usr/bin/qemu-img usr/lib/x86_64-linux-gnu/qemu usr/share/qemu";

/** Whoever asks inside how much memory there is has to find the limit of the machine's group; `ip netns exec` hid it. */
const SHOW_MEMORY_LIMIT = `if [ -d /sys/fs/cgroup ] && ! [ -e /sys/fs/cgroup/memory ] && ! [ -e /sys/fs/cgroup/memory.max ]; then
  if grep -q '^[0-9]*:memory:' /proc/self/cgroup; then
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/memory
    mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory
    mount -o remount,bind,ro /sys/fs/cgroup/memory
  elif grep -q '^0::/' /proc/self/cgroup; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mount -o remount,bind,ro /sys/fs/cgroup
  fi
fi`;

/**
 * First script inside a machine's own namespaces: makes it look like a machine of its own, then starts its daemons.
 * `$1` is the machine's folder; what is in `bind/` there takes the place of the same path on this machine. Nothing is
 * made on this machine's own file system: what is bound over must be there. `$2` is the host name, `$3` says whether to
 * hide /dev/kvm, `$4` is the folder of the guest images, which may lie below a folder that is bound over. `$5`, when it is
 * there, is a folder whose QEMU takes the place of the installed one.
 *
 * The names of network namespaces are let go first: they would keep those of other labs alive. Control groups can only be
 * read inside, so libvirt cannot move guests out of the machine's own. What hides /dev/kvm cannot be opened for writing:
 * as long as that seems possible libvirt takes what it knows about QEMU for outdated, and asks again for 4 s each time.
 */
export const INIT = `set -eu
umask 022
mount --make-rprivate /
umount -l -R /run/netns 2>/dev/null || true
hostname "$2"
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
mkdir -p /run/lock /run/sshd /run/libvirt /run/images
chmod 1777 /run/lock
mount --bind "$4" /run/images
for path in ${QEMU_PATHS}; do
  [ -z "\${5:-}" ] || [ ! -e "/$path" ] || mount --bind "$5/$path" "/$path"
done
while read -r place; do mount --bind "$1/bind$place" "$place"; done < "$1/folders"
for file in /etc/hosts /etc/hostname /etc/shadow /etc/machine-id; do
  [ ! -e "$file" ] || mount --bind "$1/bind$file" "$file"
done
mkdir -p "$4"
mount --bind -o ro /run/images "$4"
umount /run/images
rmdir /run/images
if [ "$3" = hide-kvm ] && [ -e /dev/kvm ]; then
  : > /run/no-kvm
  mount --bind /run/no-kvm /dev/kvm
  mount -o remount,bind,ro /dev/kvm
fi
${SHOW_MEMORY_LIMIT}
cd /
/usr/sbin/sshd -D -e >/run/sshd.log 2>&1 &
. "$1/daemons.sh"
touch "$1/started"
exec sleep infinity
`;

/** The first question to a fresh libvirtd takes seconds, while it tries out QEMU. It is asked here, so nobody else waits. */
export const HOST_DAEMONS = `virtlogd -d
libvirtd --listen >/run/libvirtd.log 2>&1 &
until virsh -q -c qemu:///system domcapabilities >/dev/null 2>&1; do sleep 0.05; done
`;

/**
 * tgtd serves the targets that jobs make. The NFS server registers with the port mapper once, when it starts: NFS 3, which QEMU
 * speaks, is found through it.
 */
export const STORAGE_DAEMONS = `rpcbind -w -f >/run/rpcbind.log 2>&1 &
until rpcinfo -p 127.0.0.1 >/dev/null 2>&1; do sleep 0.02; done
mkdir -p /run/ganesha /run/tgtd
tgtd -f >/run/tgtd.log 2>&1 &
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

/** Where a host has the lab's CA and its own key, below a folder that each host has for itself. */
export const TLS_FOLDER = "/etc/libvirt/migration-tls";

/** Where a host has disks that it shares with nobody. */
export const LOCAL_FOLDER = "/var/lib/libvirt/images";

/** Migration of many guests at once needs one of these workers each. */
const QEMU = `user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
dynamic_ownership = 0
remember_owner = 0
migrate_tls_x509_cert_dir = "${TLS_FOLDER}"
migrate_tls_x509_verify = 1
`;

/** Files come and go behind its back (disks are made on the machine itself), so it must remember nothing about them. */
const GANESHA = `NFS_CORE_PARAM { NFS_Protocols = 3; Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { Graceless = true; RecoveryRoot = /run/ganesha; }
MDCACHE { Dir_Chunk = 0; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT {
  Export_Id = 1;
  Path = ${EXPORT};
  Pseudo = ${EXPORT};
  Access_Type = RW;
  Squash = No_Root_Squash;
  SecType = sys;
  Attr_Expiration_Time = 0;
  Protocols = 3;
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

/** Folders that each machine has for itself instead of this machine's. All of them are there once the packages are. */
export const ownFolders = ({ kind }: LabMachine): readonly string[] => [
  "/etc/ssh",
  "/root",
  "/tmp",
  "/var/tmp",
  ...(kind === "host"
    ? ["/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"]
    : ["/etc/ganesha", "/srv"]),
];
