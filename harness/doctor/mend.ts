import { isIP } from "node:net";
import { quote } from "../../lib/transport/quote.js";
import type { MachineSeen } from "./seen.js";

/** The command that installs a package there, by the package manager that it has. */
export function install({ survey }: MachineSeen, name: string, onDebian = name): string {
  const has = (tool: string): boolean => survey?.tools.includes(tool) === true;
  if (has("apt-get")) return `apt-get install -y ${onDebian}`;
  if (has("dnf")) return `dnf install -y ${name}`;
  return has("zypper") ? `zypper install -y ${name}` : `install the package ${name}`;
}

/** The service of libvirt that such a host has: one daemon, or one for QEMU alone. */
const isModular = ({ survey }: MachineSeen): boolean =>
  survey?.tools.includes("virtqemud") === true && !survey.tools.includes("libvirtd");

export const startLibvirt = (machine: MachineSeen): string =>
  isModular(machine) ? "systemctl enable --now virtqemud.socket" : "systemctl enable --now libvirtd";

/** The sockets cannot be begun while the daemon holds them; it comes up again by itself when it is asked for. */
export const listenOn = (machine: MachineSeen, transport: "tcp" | "tls"): string =>
  isModular(machine)
    ? `systemctl enable --now virtproxyd-${transport}.socket`
    : `systemctl stop libvirtd && systemctl enable --now libvirtd-${transport}.socket`;

export const newUuid = (machine: MachineSeen): string => {
  const daemon = isModular(machine) ? "virtqemud" : "libvirtd";
  return `echo "host_uuid = \\"$(uuidgen)\\"" >> /etc/libvirt/${daemon}.conf && systemctl restart ${daemon}`;
};

/** A name is made known with the address by which the runner reaches that machine, where that is one. */
export const makeKnown = (name: string, address: string | undefined): string =>
  address !== undefined && isIP(address) !== 0
    ? `echo ${quote(`${address} ${name}`)} >> /etc/hosts`
    : `echo ${quote(`ADDRESS ${name}`)} >> /etc/hosts  # with its address in place of ADDRESS`;

const RANGE = "49152:49215";

/** Until the next start of the host: what is to last is a matter of each system's own. */
export function openPorts({ survey }: MachineSeen): string {
  const has = (tool: string): boolean => survey?.tools.includes(tool) === true;
  if (has("firewall-cmd")) return "firewall-cmd --add-port=49152-49215/tcp  # or firewall: firewalld in the inventory";
  if (has("iptables"))
    return `iptables -I INPUT -p tcp --dport ${RANGE} -j ACCEPT  # or firewall: iptables in the inventory`;
  return "nft insert rule inet filter input tcp dport 49152-49215 accept  # or firewall: nftables in the inventory";
}
