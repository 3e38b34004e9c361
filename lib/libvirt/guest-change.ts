import type { Command, HostChange } from "../model/command.js";
import { diskLines, domainXml, emulation } from "./domain-xml.js";
import type { GuestSpec } from "./guest-spec.js";
import { METADATA_KEY, METADATA_URI, metadataXml } from "./metadata.js";
import { virtInstallArgs } from "./virt-install.js";

/** Long enough for a host under stress; a guest that is not gone by then is a leftover. */
const TIMEOUT_MS = 120_000;

const DEFINE_AND_START = `set -eu
virsh -q -c "$1" define /dev/stdin >/dev/null
[ -z "$3" ] || virsh -q -c "$1" metadata --domain "$2" --uri "$4" --key "$5" --config --set "$3" >/dev/null
virsh -q -c "$1" start --domain "$2" >/dev/null`;

/** What virt-install prints, with our disks as the last of its devices, and with features of which it has no option. */
const INSTALL_AND_START = `set -eu
uri=$1 name=$2 disk=$3 features=$4 metadata=$5 space=$6 key=$7
shift 7
xml=$(virt-install "$@")
printf '%s\\n' "$xml" |
  disk=$disk features=$features awk '/^ *<\\/devices>/ { print ENVIRON["disk"] }
    /^ *<\\/features>/ { print ENVIRON["features"] } { print }' |
  virsh -q -c "$uri" define /dev/stdin >/dev/null
[ -z "$metadata" ] ||
  virsh -q -c "$uri" metadata --domain "$name" --uri "$space" --key "$key" --config --set "$metadata" >/dev/null
virsh -q -c "$uri" start --domain "$name" >/dev/null`;

/**
 * Looks before it touches: a guest that is not known is fine. What destroy and undefine say on the way does not matter,
 * since the guest may go by itself at that very moment; the look at the end decides.
 */
const REMOVE = `set -u
uri=$1 name=$2
has() {
  list=$(virsh -q -c "$uri" list --name "$@") || exit 1
  printf '%s\\n' "$list" | grep -qxF -e "$name"
}
has --all || exit 0
said=$(
  virsh -q -c "$uri" destroy --domain "$name" 2>&1
  virsh -q -c "$uri" undefine --domain "$name" --managed-save --snapshots-metadata --nvram 2>&1
)
has --all || exit 0
printf '%s\\n' "$said" >&2
exit 1`;

/**
 * Brings a guest up: `definition` with our own XML, `virt-install` with what it makes of the same guest. The undo takes
 * it away on this host; on the host it migrates to, `guestGone` is to be made beforehand.
 */
export const guestChange = (
  guest: GuestSpec,
  { connectUri, by }: { readonly connectUri: string; readonly by: "virt-install" | "definition" },
): HostChange => ({
  what: `guest ${guest.name} (${by})`,
  apply:
    by === "definition"
      ? { ...script(DEFINE_AND_START, connectUri, guest.name, ...metadataOf(guest)), input: domainXml(guest) }
      : script(
          INSTALL_AND_START,
          ...[connectUri, guest.name, disksXml(guest), emulation(guest).join(""), ...metadataOf(guest)],
          ...virtInstallArgs(guest, connectUri),
        ),
  undo: removeGuest(connectUri, guest.name),
});

const disksXml = ({ disks }: GuestSpec): string => disks.flatMap(diskLines).join("\n");

/** Its metadata, and where in the definition it belongs; empty for a guest that has none. */
const metadataOf = ({ metadata }: GuestSpec): string[] => [
  metadata === undefined ? "" : metadataXml(metadata),
  ...[METADATA_URI, METADATA_KEY],
];

/** Nothing is done now: whatever comes of the guest on this host is taken away at the end. */
export const guestGone = (name: string, connectUri: string): HostChange => ({
  what: `guest ${name}, should it come here`,
  apply: { file: "true", args: [], timeoutMs: 5_000 },
  undo: removeGuest(connectUri, name),
});

/** Destroys and undefines a guest where it is known. Harmless twice; fails when the guest is there and will not go. */
export const removeGuest = (connectUri: string, name: string): Command => script(REMOVE, connectUri, name);

const script = (text: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", text, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
