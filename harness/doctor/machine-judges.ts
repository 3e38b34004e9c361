import { paramsSchema } from "../../lib/model/params.js";
import { quote } from "../../lib/transport/quote.js";
import { neededMemoryMiB, virtTypeOn } from "../requirements.js";
import { leftoverFound, lockFound } from "./left-behind.js";
import { install, startLibvirt } from "./mend.js";
import type { Found, Judge, MachineSeen } from "./seen.js";
import { diskFound, sharedFolderFound } from "./storage-found.js";
import { freeRoomWanted } from "./wanted.js";

type Table = readonly Judge<MachineSeen>[];

/** What is asked of each machine by itself, in the order in which one thing makes the next possible. */
export const MACHINE_JUDGES: Table = [
  {
    name: "host key",
    wanted: "shows the host key that is expected",
    find: ({ unreached, login, name }) => {
      if (unreached === undefined) return [];
      if (unreached.reason !== "host-key") return undefined;
      const shown = /shows the host key (\S+?),/.exec(unreached.message)?.[1] ?? "the one that is shown";
      const look = `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on ${name} itself, not over ssh`;
      const place = login.hostKey === undefined ? "pin it as hostKey" : "put it in place of hostKey";
      return [{ what: unreached.message, mend: `${look}: only if it prints ${shown}, ${place} in the inventory` }];
    },
  },
  {
    name: "reached",
    wanted: "is reached",
    find: ({ unreached, unanswered, login, name }) => {
      const at = login.address ?? name;
      if (unreached !== undefined && unreached.reason !== "host-key")
        return [{ what: unreached.message, mend: loginMend(unreached, login, at) }];
      if (unanswered === undefined) return [];
      return [
        {
          what: unanswered,
          mend: `ssh -p ${login.port} ${login.user}@${at} uptime  # from here: see what it waits for`,
        },
      ];
    },
  },
  {
    name: "sudo",
    wanted: "commands run as root",
    find: ({ survey, login }) => {
      if (survey === undefined) return undefined;
      if (survey.sudo === "missing")
        return [
          {
            what: "sudo is missing, and the inventory says become: sudo",
            mend: "apt-get install -y sudo || dnf install -y sudo",
          },
        ];
      const rule = `${login.user} ALL=(ALL) NOPASSWD: ALL`;
      return survey.sudo === "refused"
        ? [
            {
              what: `sudo -n does not let ${login.user} become root without a password`,
              mend: `echo ${quote(rule)} > /etc/sudoers.d/migstorm && chmod 440 /etc/sudoers.d/migstorm`,
            },
          ]
        : [];
    },
  },
  {
    name: "tools",
    wanted: "has flock, setsid, timeout and stdbuf",
    find: (machine) =>
      missing(machine, ["flock", "setsid", "timeout", "stdbuf"])?.map((tool) => ({
        what: `${tool} is missing`,
        mend: install(machine, tool === "flock" || tool === "setsid" ? "util-linux" : "coreutils"),
      })),
  },
  {
    name: "libvirt",
    wanted: "libvirt answers",
    find: (machine) => {
      const libvirt = machine.survey?.libvirt;
      if (libvirt === undefined) return undefined;
      const what = (said: string): string => `libvirt does not answer at ${machine.host?.connectUri}: ${said}`;
      return libvirt.isUp ? [] : [{ what: what(libvirt.said), mend: startLibvirt(machine) }];
    },
  },
  {
    name: "bridge",
    wanted: "has the guests' bridge",
    find: ({ survey, host, inventory: { network } }) => {
      if (host === undefined || survey === undefined || survey.sudo !== undefined) return undefined;
      const make = `ip link add ${network.bridge} up type bridge  # and put the interface of the guests' network into it`;
      return survey.hasBridge ? [] : [{ what: `there is no bridge ${network.bridge}`, mend: make }];
    },
  },
  {
    name: "memory",
    wanted: "has memory for a guest",
    find: ({ survey, host, inventory }) => {
      if (host === undefined || survey?.freeMemoryMiB === undefined) return undefined;
      const virtType = virtTypeOn({ virtType: survey.hasKvm ? "kvm" : "qemu" }, inventory);
      const neededMiB = neededMemoryMiB(paramsSchema.parse({}), virtType);
      if (survey.freeMemoryMiB >= neededMiB) return [];
      const what = `${survey.freeMemoryMiB} MiB of memory are free, the smallest guest needs ${neededMiB} MiB`;
      return [{ what, mend: "ps -eo rss,pid,args --sort=-rss | head  # see who has it, and end that" }];
    },
  },
  {
    name: "room",
    wanted: "has room on its disks",
    find: ({ survey, inventory }) => {
      if (survey === undefined || survey.sudo !== undefined) return undefined;
      return survey.room.flatMap(({ folder, freeMiB }): Found[] => {
        const wantedMiB = freeRoomWanted(folder, inventory);
        if (freeMiB >= wantedMiB) return [];
        const mend = `du -xh --max-depth=2 ${quote(folder)} | sort -h | tail  # see what fills it, and remove that`;
        return [{ what: `${folder} is full: ${freeMiB} MiB are free, ${wantedMiB} MiB are wanted`, mend }];
      });
    },
  },
  { name: "storage", wanted: "has the shared storage", find: sharedFolderFound },
  { name: "base disks", wanted: "opens the base disks", find: diskFound },
  {
    name: "migration network",
    wanted: "has its migration address on an interface that is up",
    find: ({ survey, host }) => {
      if (host?.migrationAddress === undefined || survey === undefined || survey.links.length === 0) return undefined;
      const link = linkOf(survey, host.migrationAddress);
      if (link === undefined || link.isUp) return [];
      const what = `the migration network is down: ${link.name}, which has ${host.migrationAddress}, is not up`;
      return [{ what, mend: `ip link set dev ${link.name} up` }];
    },
  },
  {
    name: "firewall",
    wanted: "has the firewall that the inventory names",
    find: (machine) => {
      const { host, survey } = machine;
      if (host === undefined || survey === undefined || survey.sudo !== undefined) return undefined;
      const tool = { iptables: "iptables", nftables: "nft", firewalld: "firewall-cmd", none: undefined }[host.firewall];
      if (tool === undefined || survey.tools.includes(tool)) return [];
      return [
        {
          what: `${tool} is missing, and the inventory says firewall: ${host.firewall}`,
          mend: install(machine, host.firewall),
        },
      ];
    },
  },
  { name: "lock", wanted: "is used by no other job", find: lockFound },
  { name: "leftovers", wanted: "has nothing left of an earlier job", find: leftoverFound },
  {
    name: "virt-install",
    wanted: "has virt-install",
    find: (machine) =>
      machine.host === undefined
        ? undefined
        : missing(machine, ["virt-install"])?.map(() => ({
            what:
              machine.host?.import === "virt-install"
                ? "virt-install is missing, and the inventory says import: virt-install"
                : "virt-install is missing: guests are defined without it",
            mend: install(machine, "virt-install", "virtinst"),
            isHint: machine.host?.import !== "virt-install",
          })),
  },
  {
    name: "tcpdump",
    wanted: "has tcpdump",
    find: (machine) =>
      machine.host === undefined
        ? undefined
        : missing(machine, ["tcpdump"])?.map((tool) => ({
            what: `${tool} is missing: scenarios that capture packets cannot run`,
            mend: install(machine, tool),
            isHint: true,
          })),
  },
  {
    name: "load",
    wanted: "has stress and stress-ng",
    find: (machine) =>
      machine.host === undefined
        ? undefined
        : missing(machine, ["stress", "stress-ng"])?.map((tool) => ({
            what: `${tool} is missing: scenarios that put load on a host with it cannot run`,
            mend: install(machine, tool),
            isHint: true,
          })),
  },
];

/** The interface of a host that has an address. */
export function linkOf({ addresses, links }: NonNullable<MachineSeen["survey"]>, address: string) {
  const name = addresses.find((one) => one.address === address)?.link;
  return links.find((link) => link.name === name);
}

const missing = ({ survey }: MachineSeen, tools: readonly string[]): string[] | undefined =>
  survey === undefined || survey.sudo !== undefined ? undefined : tools.filter((tool) => !survey.tools.includes(tool));

function loginMend(
  { reason, message }: NonNullable<MachineSeen["unreached"]>,
  { port, user, identityFile }: MachineSeen["login"],
  at: string,
): string {
  const variable = /in the environment as (\w+)/.exec(message)?.[1];
  if (variable === "SSH_AUTH_SOCK") return 'eval "$(ssh-agent)" && ssh-add  # here';
  if (variable !== undefined) return `read -rs ${variable} && export ${variable}  # here, then type it`;
  if (/private key/.test(message))
    return `ls -l ${quote(identityFile ?? "")}  # here: name the right key in the inventory`;
  if (reason === "refused") return "systemctl enable --now ssh || systemctl enable --now sshd";
  if (reason === "no-such-name") return `getent hosts ${at}  # here: write an address that is known into the inventory`;
  if (reason === "login") return `ssh-copy-id -p ${port} ${user}@${at}  # here, with -i and the key of the inventory`;
  return reason === "timeout" || reason === "no-route"
    ? `ping -c 3 ${at}  # here: is the machine on, and on the network?`
    : `ssh -p ${port} ${user}@${at} true  # here: it has to work without a question`;
}
