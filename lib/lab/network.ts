import type { LabLayout, LabMachine } from "./layout.js";
import type { Maker } from "./sh.js";

/**
 * The two networks: bridges in a namespace of their own, where no firewall of this machine sees what passes. On this
 * machine there is one link, the runner's plug in the management network; it is not on the migration network. Guests of the lab boot
 * in three seconds: asking for them once a second would leave open for a third of that whether they can be reached.
 */
export const makeSwitch = (make: Maker, { switchNamespace, runnerLink, runnerAddress }: LabLayout): Promise<string> =>
  make(
    `ip netns add "$1"
ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
for bridge in guests migration; do ip -n "$1" link add "$bridge" up type bridge forward_delay 0; done
ip link add "$2" type veth peer name runner netns "$1"
[ ! -e "/proc/sys/net/ipv6/conf/$2" ] || sysctl -q -w "net.ipv6.conf.$2.disable_ipv6=1"
sysctl -q -w "net.ipv4.neigh.$2.retrans_time_ms=50"
ip -n "$1" link set runner master guests up
ip link set "$2" up
ip addr add "$3" dev "$2"`,
    [switchNamespace, runnerLink, runnerAddress],
  );

/**
 * The namespace of one machine with its network cards. On hosts the first is a port of `br0`, on which guests hang too,
 * and the second is on the migration network; the firewall of a host turns away what comes to the migration ports until
 * somebody opens them. It refuses instead of staying silent, so that a closed port costs no two minutes of waiting.
 */
export const makeNetwork = (make: Maker, lab: LabLayout, machine: LabMachine): Promise<string> =>
  make(
    `ip netns add "$1"
ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip -n "$1" link set lo up
ip -n "$1" link add br0 address "$7" up type bridge forward_delay 0
ip -n "$2" link add "$3" up master guests type veth peer name eth0 netns "$1"
ip -n "$1" link set eth0 master br0 up
ip -n "$1" addr add "$4" dev br0
[ "$6" = host ] || exit 0
ip -n "$2" link add "m-$3" up master migration type veth peer name eth1 netns "$1"
ip -n "$1" link set eth1 up
ip -n "$1" addr add "$5" dev eth1
ip netns exec "$1" iptables -w -A INPUT -p tcp --syn --dport 49152:49215 -j REJECT`,
    [
      machine.namespace,
      lab.switchNamespace,
      machine.short,
      `${machine.address}/20`,
      `${machine.migrationAddress}/24`,
      machine.kind,
      macOf(machine.address),
    ],
  );

/**
 * A bridge without an address of its own takes the lowest one of its ports, so it would change when a guest comes or goes,
 * and whoever spoke to the host would for a while speak to nobody.
 */
const macOf = (address: string): string =>
  ["02", "00", ...address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"))].join(":");
