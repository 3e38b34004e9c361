import type { HostChange } from "../model/command.js";

const TIMEOUT_MS = 60_000;

/** libvirt makes the folder with the pool. */
const MAKE = `set -eu
virsh -q -c "$1" pool-create-as --name "$2" --type dir --target "$3" --build >/dev/null`;

/** A transient pool is forgotten when it is destroyed. The folder is ours, and nobody has a disk in it. */
const REMOVE = `set -eu
list=$(virsh -q -c "$1" pool-list --all --name)
if printf '%s\\n' "$list" | sed 's/ *$//' | grep -qxF -e "$2"; then virsh -q -c "$1" pool-destroy --pool "$2" >/dev/null; fi
[ ! -d "$3" ] || rmdir -- "$3"`;

/** A storage pool of libvirt in a folder of the host's own, as long as the case runs. */
export function localPool(connectUri: string, folder: string, jobKey: string): HostChange {
  const name = `migstorm-${jobKey}`;
  const command = (text: string) => ({
    file: "sh",
    args: ["-c", text, "sh", connectUri, name, `${folder}/${name}`],
    timeoutMs: TIMEOUT_MS,
  });
  return { what: `local storage pool ${name}`, apply: command(MAKE), undo: command(REMOVE) };
}
