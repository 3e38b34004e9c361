import { HarnessError } from "../errors.js";
import { classRate } from "../model/class-rates.js";
import type { HostChange } from "../model/command.js";
import type { Host } from "../model/inventory.js";
import type { Params } from "../model/params.js";
import { workFolder } from "../prepare/work-folder.js";
import type { Run } from "../transport/transport.js";
import { interfaceTo } from "./route.js";

/** Where the classes of one host are, and the change that makes them. */
export interface ClassTree {
  readonly interface: string;
  readonly change: HostChange;
}

/**
 * The tree of HTB classes for what a host sends to its peer; the peer needs one of its own. The interface is the one that the
 * host takes to the peer. Where that is a bridge, only what the host itself sends passes its queue: frames of guests go from
 * port to port, so that they are neither shaped nor counted. A queue on the bridge's port would take them along.
 * The work folder of the job has to be there.
 * @throws HarnessError `bad-input` when the peer has no migration network, `command-failed` when the host does not say, or
 *   when the interface has a queueing discipline that somebody put there: it would be lost
 */
export async function classTree(
  run: Run,
  peer: Pick<Host, "name" | "peerUri" | "migrationAddress">,
  classes: Params["classes"],
  jobKey: string,
): Promise<ClassTree> {
  const device = await interfaceTo(run, addressOf(peer, classes.on));
  const { exitCode, host, stdout, stderr } = await run({
    file: "tc",
    args: ["qdisc", "show", "dev", device],
    timeoutMs: TIMEOUT_MS,
  });
  if (exitCode !== 0)
    throw new HarnessError("command-failed", `${host}: cannot tell the queues of ${device}: ${stderr.trim()}`);
  const own = ownQdisc(stdout);
  if (own !== undefined)
    throw new HarnessError(
      "command-failed",
      `${host}: ${device} has a queueing discipline of its own (${own}), which classes would take the place of: take it away first, or leave classes.on out`,
    );
  return { interface: device, change: treeChange(device, classes, jobKey) };
}

const TIMEOUT_MS = 30_000;

function addressOf({ name, peerUri, migrationAddress }: Parameters<typeof classTree>[1], on: Params["classes"]["on"]) {
  if (on !== "migration") return new URL(peerUri).hostname.replace(/^\[|\]$/g, "") || name;
  if (migrationAddress !== undefined) return migrationAddress;
  throw new HarnessError("bad-input", `${name} has no migrationAddress, so there is no migration network for classes`);
}

/**
 * What somebody put on an interface: the kernel's defaults have the handle 0. What looks at incoming packets is in nobody's
 * way. Fixtures: `iproute2-6.1/qdisc-*.txt`.
 */
export const ownQdisc = (text: string): string | undefined =>
  text
    .split("\n")
    .flatMap((line) => /^qdisc (\S+ \S+)/.exec(line)?.[1] ?? [])
    .find((qdisc) => !/^(?:\S+ 0:|(?:ingress|clsact) \S+)$/.test(qdisc));

/**
 * `$1` interface, `$2` mark, `$3` rate of the link, `$4` to `$9` rate and ceil of 1:10, 1:20 and 1:30, in kbit/s; `$10` says
 * whether there are filters. The mark says that the tree is ours. A quantum of its own, because the one that the kernel works
 * out is too big for it at such rates, and it complains in its log. u32 looks at fixed places: packets with IP options, or
 * extension headers of IPv6, fall into 1:10. 0xffc0 leaves just 49152 to 49215.
 */
const MAKE = `set -eu
dev=$1 mark=$2 link=$3 filters=\${10}
found=$(tc qdisc show dev "$dev")
if printf '%s\\n' "$found" | grep -vqE '^qdisc ([^ ]+ 0:|(ingress|clsact) )'; then
  echo "$dev has a queueing discipline of its own" >&2
  exit 1
fi
: >"$mark"
tc qdisc add dev "$dev" root handle 1: htb default 10
class() { tc class add dev "$dev" parent "$1" classid "$2" htb rate "$3kbit" ceil "$4kbit" prio "$5" quantum 60000; }
class 1: 1:1 "$link" "$link" 0
class 1:1 1:10 "$4" "$5" 1
class 1:1 1:20 "$6" "$7" 2
class 1:1 1:30 "$8" "$9" 3
[ "$filters" = filters ] || exit 0
filter() {
  tc filter add dev "$dev" parent 1: protocol ip prio "$1" u32 match ip protocol 6 0xff match ip dport "$2" "$3" flowid "$4"
  tc filter add dev "$dev" parent 1: protocol ipv6 prio "1$1" u32 match ip6 protocol 6 0xff match ip6 dport "$2" "$3" flowid "$4"
}
filter 1 16509 0xffff 1:30
filter 1 49152 0xffc0 1:30
for port in 10809 2049 3260; do filter 2 "$port" 0xffff 1:20; done`;

/** With the root goes all that hangs on it, and the kernel puts its default back. An interface that is gone took it along. */
const TAKE_AWAY = `set -u
[ -e "$2" ] || exit 0
if ip link show dev "$1" >/dev/null 2>&1; then
  found=$(tc qdisc show dev "$1") || exit 1
  case $found in
    *"qdisc htb 1: root"*) tc qdisc del dev "$1" root || exit 1 ;;
  esac
fi
rm -f -- "$2"`;

function treeChange(device: string, classes: Params["classes"], jobKey: string): HostChange {
  const mark = `${workFolder(jobKey)}/classes-${device}`;
  const rates = (["management", "storage", "migration"] as const).flatMap((kind) => {
    const { rateKbps, ceilKbps } = classRate(classes, kind);
    return [String(rateKbps), String(ceilKbps)];
  });
  const link = String(classes.link * 1000);
  const filters = classes.filters ? "filters" : "no-filters";
  return {
    what: `classes for traffic on ${device}`,
    apply: { file: "sh", args: ["-c", MAKE, "sh", device, mark, link, ...rates, filters], timeoutMs: TIMEOUT_MS },
    undo: { file: "sh", args: ["-c", TAKE_AWAY, "sh", device, mark], timeoutMs: TIMEOUT_MS },
  };
}
