import type { LabLayout, LabMachine } from "./layout.js";
import { mustSh } from "./sh.js";

/** The bridges on this machine; the migration network has no address here, so the runner is not on it. */
export const makeBridges = ({ guestBridge, migrationBridge, runnerAddress }: LabLayout): Promise<string> =>
  mustSh(
    `for bridge in "$1" "$2"; do
  ip link add "$bridge" type bridge forward_delay 0
  sysctl -q -w "net.ipv6.conf.$bridge.disable_ipv6=1"
  ip link set "$bridge" up
done
ip addr add "$3" dev "$1"`,
    [guestBridge, migrationBridge, runnerAddress],
  );

/**
 * The namespace of one machine with its two network cards. On hosts the first is a port of `br0`, on which guests hang
 * too; the firewall of a host drops what comes to the migration ports until somebody opens them.
 */
export const makeNetwork = (lab: LabLayout, machine: LabMachine): Promise<string> =>
  mustSh(
    `ip netns add "$1"
ip link add "$2" master "$4" type veth peer name eth0 netns "$1"
ip link add "$3" master "$5" type veth peer name eth1 netns "$1"
for link in "$2" "$3"; do sysctl -q -w "net.ipv6.conf.$link.disable_ipv6=1"; ip link set "$link" up; done
ip netns exec "$1" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip -n "$1" link add br0 type bridge forward_delay 0
ip -n "$1" link set eth0 master br0
for link in lo eth0 eth1 br0; do ip -n "$1" link set "$link" up; done
ip -n "$1" addr add "$6" dev br0
ip -n "$1" addr add "$7" dev eth1
[ "$8" = storage ] || ip netns exec "$1" iptables -w -A INPUT -p tcp --dport 49152:49215 -m comment --comment migstorm-lab -j DROP`,
    [
      machine.namespace,
      machine.guestLink,
      machine.migrationLink,
      lab.guestBridge,
      lab.migrationBridge,
      `${machine.address}/20`,
      `${machine.migrationAddress}/24`,
      machine.kind,
    ],
  );
