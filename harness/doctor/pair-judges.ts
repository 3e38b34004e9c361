import { apartMs } from "../../lib/host/clock.js";
import { linkOf } from "./machine-judges.js";
import { listenOn, makeKnown, newUuid, openPorts } from "./mend.js";
import { peerHost } from "./peers.js";
import type { Judge, MachineSeen, PairSeen } from "./seen.js";
import { unsharedFound } from "./storage-found.js";

/** Further apart the statistics of a migration lie, for libvirt subtracts one host's clock from the other's. */
const CLOCKS_MS = 1_000;

/** What is asked of each two hosts, in both directions. */
export const PAIR_JUDGES: readonly Judge<PairSeen>[] = [
  {
    name: "names",
    wanted: "knows the other by name",
    find: ({ view, to, from }) =>
      view?.unknownNames.map((name) => {
        const { storage } = from.inventory;
        const server = storage.kind === "nfs" && storage.server === name ? storage.machine.address : undefined;
        return { what: `does not know the name ${name}`, mend: makeKnown(name, server ?? to.host.address) };
      }),
  },
  {
    name: "peer libvirt",
    wanted: "reaches the other's libvirt",
    find: ({ view, from, to }) => {
      const known = !view?.unknownNames.includes(peerHost(to.host.peerUri) ?? "");
      if (view?.libvirtSaid === undefined || !known || to.survey?.libvirt?.isUp !== true) return undefined;
      if (view.libvirtSaid === "") return [];
      const transport = /\+(tcp|tls):/.exec(to.host.peerUri)?.[1];
      const what = `its libvirt does not answer ${from.name} at ${to.host.peerUri}: ${view.libvirtSaid}`;
      const isRefused = /refused|no answer/i.test(view.libvirtSaid);
      if (isRefused && (transport === "tcp" || transport === "tls"))
        return [{ host: to.name, what, mend: listenOn(to, transport) }];
      return [
        { host: to.name, what, mend: `virsh -c ${to.host.peerUri} hostname  # on ${from.name}: it has to answer` },
      ];
    },
  },
  {
    name: "host UUIDs",
    wanted: "has another host UUID than the other",
    find: ({ from, to, isFirst }) => {
      if (!isFirst || from.survey?.hostUuid === undefined || to.survey?.hostUuid === undefined) return undefined;
      if (from.survey.hostUuid !== to.survey.hostUuid) return [];
      const what = `has the same host UUID as ${from.name}, ${to.survey.hostUuid}: libvirt refuses to migrate between them`;
      return [{ host: to.name, what, mend: newUuid(to) }];
    },
  },
  {
    name: "CPU",
    wanted: "has the CPU of the other",
    find: ({ from, to, isFirst }) => {
      if (!isFirst || from.inventory.virtType === "qemu" || !from.survey?.hasKvm || !to.survey?.hasKvm)
        return undefined;
      const [here, there] = [from.survey.cpu, to.survey.cpu];
      if (here === undefined || there === undefined) return undefined;
      const baseline = `(for host in ${from.name} ${to.name}; do ssh "$host" virsh capabilities; done) > cpus.xml; virsh hypervisor-cpu-baseline --migratable cpus.xml  # here: tells what both can; pair hosts of one kind`;
      if (here.model !== there.model)
        return [
          {
            host: to.name,
            what: `CPU models differ: ${there.model}, and ${here.model} on ${from.name}`,
            mend: baseline,
          },
        ];
      return [
        { host: from.name, lacks: there.features.filter((one) => !here.features.includes(one)), other: to.name },
        { host: to.name, lacks: here.features.filter((one) => !there.features.includes(one)), other: from.name },
      ].flatMap(({ host, lacks, other }) =>
        lacks.length === 0
          ? []
          : [
              {
                host,
                what: `its CPU lacks what that of ${other} has: ${lacks.slice(0, 8).join(", ")}`,
                mend: baseline,
              },
            ],
      );
    },
  },
  {
    name: "clocks",
    wanted: "has the time of the other",
    find: ({ from, to, isFirst }) => {
      if (!isFirst || from.clock === undefined || to.clock === undefined) return undefined;
      const ms = apartMs(from.clock, to.clock);
      if (ms < CLOCKS_MS) return [];
      const host = furtherOff(from, to);
      const other = host === from.name ? to.name : from.name;
      const what = `its clock is ${(ms / 1000).toFixed(1)} s apart from that of ${other}: the statistics of migrations would be wrong`;
      return [{ host, what, mend: "timedatectl set-ntp true" }];
    },
  },
  { name: "storage", wanted: "shares the storage with the other", find: unsharedFound },
  {
    name: "migration network",
    wanted: "reaches the other on the migration network",
    find: ({ view, from, to }) => {
      // A link that is down has been told of the host that has it.
      if (view?.answersPing === undefined || isDown(from) || isDown(to)) return undefined;
      if (view.answersPing || view.portIsOpen) return [];
      const address = to.host.migrationAddress ?? to.name;
      const what = `the migration network does not work: no answer from ${address} of ${to.name}`;
      return [
        { what, mend: `ip route get ${address}  # then see cable, VLAN and routes of that interface, on both hosts` },
      ];
    },
  },
  {
    name: "MTU",
    wanted: "has the MTU of the other, and packets of that size pass",
    find: ({ view, back, from, to, isFirst }) => {
      if (view?.way === undefined || back?.way === undefined) return undefined;
      const [here, there] = [view.way, back.way];
      if (here.mtu !== there.mtu) {
        if (!isFirst) return undefined;
        const [larger, smaller] = here.mtu > there.mtu ? [here, there] : [there, here];
        const [host, other] = larger === here ? [from.name, to.name] : [to.name, from.name];
        const what = `MTU mismatch on the migration network: ${larger.link} has ${larger.mtu}, ${smaller.link} of ${other} has ${smaller.mtu}`;
        return [{ host, what, mend: `ip link set dev ${larger.link} mtu ${smaller.mtu}` }];
      }
      if (view.answersPing !== true || view.largestPasses === undefined) return undefined;
      if (view.largestPasses) return [];
      const what = `packets of the MTU of ${here.link}, ${here.mtu}, do not reach ${to.name}: something in between has a smaller one`;
      return [
        {
          what,
          mend: `tracepath -n ${to.host.migrationAddress ?? to.name}  # tells the largest; then ip link set dev ${here.link} mtu THAT`,
        },
      ];
    },
  },
  {
    name: "migration ports",
    wanted: "reaches the other's migration ports, or the job opens them",
    find: ({ view, from, to }) => {
      if (view?.portIsOpen === undefined || view.answersPing === false || isDown(from) || isDown(to)) return undefined;
      // Where the inventory names a firewall the job itself opens the ports, and closes them again.
      if (view.portIsOpen || to.host.firewall !== "none") return [];
      const what = `its migration ports 49152-49215 are closed to ${from.name}, and the inventory says firewall: none`;
      return [{ host: to.name, what, mend: openPorts(to) }];
    },
  },
];

/** The one whose clock is further from the runner's. */
const furtherOff = (a: MachineSeen, b: MachineSeen): string => {
  const off = ({ clock }: MachineSeen): number => Math.abs(((clock?.atLeastMs ?? 0) + (clock?.atMostMs ?? 0)) / 2);
  return off(a) > off(b) ? a.name : b.name;
};

function isDown({ survey, host }: MachineSeen): boolean {
  if (host?.migrationAddress === undefined || survey === undefined) return false;
  return linkOf(survey, host.migrationAddress)?.isUp === false;
}
