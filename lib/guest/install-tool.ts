import type { Command, CommandResult } from "../model/command.js";
import { plainText } from "../model/plain-text.js";
import { saidBy } from "../model/said-by.js";

/** Longest time for a package, with waiting for a manager that is busy: the guest may have begun to update itself. */
export const INSTALL_LIMIT_MS = 300_000;

/**
 * Installs a tool with the machine's own package manager, and changes nothing where the tool is there already. Only for what
 * is thrown away afterwards. The programs on the machine may be busybox's. Exit code 0: the tool is there.
 */
export const installTool = (tool: string): Command => ({
  file: "sh",
  args: ["-c", INSTALL, "sh", tool],
  timeoutMs: INSTALL_LIMIT_MS,
  what: `install ${tool}`,
});

const WORDS_MAX = 500;

/** Why the tool is not there, in the manager's last words, which nobody may trust; `undefined`: it is. */
export const whyNotInstalled = ({ exitCode, stderr }: CommandResult): string | undefined =>
  exitCode === 0 ? undefined : plainText(saidBy({ exitCode, stderr }).slice(-WORDS_MAX));

/**
 * How each manager installs the package `$tool`, without asking anybody and without what is only recommended, where it knows
 * of that. Packages are named after their tools everywhere. The first one that a machine has is taken: yum may be another
 * name of dnf.
 */
const MANAGERS: Readonly<Record<string, string>> = {
  "apt-get": `apt_lists; apt-get -qq -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "$tool"`,
  dnf: `dnf -q -y --setopt=install_weak_deps=False install "$tool"`,
  yum: `yum -q -y install "$tool"`,
  zypper: `zypper --non-interactive install --no-recommends "$tool"`,
  apk: `apk --wait 120 add --no-cache "$tool"`,
  pacman: `pacman -Sy --needed --noconfirm "$tool"`,
};

/**
 * What managers say goes into a file, as a service that a package starts may hold on to the output for ever. Whether the tool is
 * there is what counts: zypper ends with 106 when another repository could not be read, and apt-get with 100 when another
 * package is broken. apt-get waits for dpkg's lock, not for that of its lists, which is held where the guest, just booted,
 * looks for updates; when they cannot be had, those of the image may do. Without a login shell /usr/sbin may not be in the
 * path, and dpkg refuses to work then. needrestart would restart services that have nothing to do with it.
 */
const INSTALL = `set -u
tool=$1
PATH=$PATH:/usr/sbin:/sbin
export PATH LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 ZYPP_LOCK_TIMEOUT=120
has() { command -v "$1" >/dev/null 2>&1; }
has "$tool" && exit 0
manager=
for one in ${Object.keys(MANAGERS).join(" ")}; do
  has "$one" && manager=$one && break
done
[ -n "$manager" ] || { echo "none of ${Object.keys(MANAGERS).join(", ")} is there" >&2; exit 1; }
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
apt_lists() {
  tries=0
  until apt-get -qq update || [ "$tries" -ge 60 ] || ! grep -q "Could not get lock" "$said"; do
    tries=$((tries + 1))
    : >"$said"
    sleep 2
  done
}
install() {
  case $manager in
${Object.entries(MANAGERS)
  .map(([manager, how]) => `    ${manager}) ${how} ;;`)
  .join("\n")}
  esac
}
install </dev/null >>"$said" 2>&1
code=$?
has "$tool" && exit 0
{ echo "$manager ended with $code:"; tail -n 5 "$said"; } >&2
exit 1`;
