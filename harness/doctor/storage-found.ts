import { quote } from "../../lib/transport/quote.js";
import type { Found, MachineSeen, PairSeen } from "./seen.js";

/** The folder that all hosts share is there; whether it is the same one, pairs tell. */
export function sharedFolderFound({ survey, host, inventory: { storage } }: MachineSeen): Found[] | undefined {
  if (host === undefined || storage.kind !== "directory" || survey?.shared === undefined) return undefined;
  return survey.shared === "missing"
    ? [{ what: `there is no folder ${storage.path}`, mend: mountThere(storage.path) }]
    : [];
}

const mountThere = (path: string, source = "SERVER:/EXPORT"): string =>
  `mkdir -p ${quote(path)} && mount -t nfs ${quote(source)} ${quote(path)}`;

/** What QEMU on the host says when it opens them. */
export function diskFound({ survey, host, inventory: { storage } }: MachineSeen): Found[] | undefined {
  if (host === undefined || survey === undefined || survey.disks.length === 0) return undefined;
  return survey.disks.flatMap(({ disk, trouble }): Found[] => {
    if (trouble === undefined) return [];
    const what = `the shared storage is not there: cannot open ${disk}: ${trouble}`;
    const isFileMissing = /No such file|NOENT/.test(trouble);
    if (isFileMissing)
      return [{ what, mend: `qemu-img info ${quote(disk)}  # put the image there, or name another in the inventory` }];
    if (storage.kind !== "nfs") return [{ what, mend: `ls -l ${quote(disk)}` }];
    return [
      {
        what,
        mend: `rpcinfo -T tcp ${storage.server} nfs 3  # open tcp 111, 2049 and mountd's port to the server, and export to this host`,
      },
    ];
  });
}

/** File systems that are one machine's own. */
const OWN = new Set(["ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "ramfs", "zfs", "overlay", "f2fs"]);

/** The same path is the same folder: its number is the same, and it comes from elsewhere. */
export function unsharedFound({ from, to, isFirst }: PairSeen): Found[] | undefined {
  const { storage } = from.inventory;
  const [here, there] = [from.survey?.shared, to.survey?.shared];
  if (storage.kind !== "directory" || !isFirst || here === undefined || there === undefined) return undefined;
  if (here === "missing" || there === "missing") return undefined;
  const own = [
    { name: from.name, folder: here, other: there },
    { name: to.name, folder: there, other: here },
  ].filter(({ folder }) => OWN.has(folder.fsType));
  if (own.length > 0)
    return own.map(({ name, folder, other }) => ({
      host: name,
      what: `${storage.path} is a folder of its own (${folder.fsType} on ${folder.source}): the storage is not shared`,
      mend: mountThere(storage.path, OWN.has(other.fsType) ? undefined : other.source),
    }));
  if (here.inode === there.inode) return [];
  const what = `${storage.path} is another folder than on ${from.name} (${there.source} and ${here.source}): the storage is not shared`;
  return [{ host: to.name, what, mend: `umount ${quote(storage.path)} && ${mountThere(storage.path, here.source)}` }];
}
