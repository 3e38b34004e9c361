import assert from "node:assert/strict";
import fc from "fast-check";
import { kernelFindings } from "../../../../harness/checks/kernel-trouble.js";
import { HarnessError } from "../../../../lib/errors.js";
import { betweenMarks } from "../../../../lib/guest/kernel-mark.js";
import { parseGuestSnapshot } from "../../../../lib/guest/snapshot.js";
import { parseCpuLine } from "../../../../lib/host/cpu-readings.js";
import { parseFacts } from "../../../../lib/host/facts.js";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import { addedSince, joined } from "../../../../lib/host/kernel-log.js";
import { sections } from "../../../../lib/host/sections.js";
import { parseSnapshot } from "../../../../lib/host/snapshot.js";
import { parseWatch } from "../../../../lib/host/watch.js";
import { parseDomainStates } from "../../../../lib/libvirt/domain-states.js";
import { flushEvent, type PendingEvent, takeEventLine } from "../../../../lib/libvirt/event-lines.js";
import { parseAddress } from "../../../../lib/libvirt/guest-address.js";
import { parseJobInfo } from "../../../../lib/libvirt/job-stats.js";
import { metadataIn } from "../../../../lib/libvirt/metadata.js";
import { xmlText } from "../../../../lib/libvirt/xml.js";
import { parseClassReading } from "../../../../lib/net/class-samples.js";
import { zoneNames } from "../../../../lib/net/firewall.js";
import { normalRules } from "../../../../lib/net/firewall-rules.js";
import { inputChains } from "../../../../lib/net/nft-chains.js";
import { parsePingLine, parseReceived } from "../../../../lib/net/ping.js";
import { parseRoute } from "../../../../lib/net/route.js";
import { ownQdisc } from "../../../../lib/net/traffic-classes.js";
import { parseSighting } from "../../../../lib/stress/sighting.js";
import { fixture } from "../../../support/fixture.js";

/** Every parser of something that a host or guest prints, with a real output to bend. */
const PARSERS: Readonly<Record<string, readonly [sample: string, parse: (text: string) => unknown]>> = {
  domainStates: [fixture("virsh-9.0.0/domstats-running-source.txt"), parseDomainStates],
  jobInfo: [fixture("virsh-9.0.0/domjobinfo-precopy-target.txt"), parseJobInfo],
  events: [fixture("virsh-9.0.0/event-precopy-source.txt"), readEvents],
  address: [" vnet0  52:54:00:00:00:01  ipv4  198.18.1.5/20\n", (text) => parseAddress(text, "52:54:00:00:00:01")],
  xml: ["<capabilities><host><uuid>x</uuid></host></capabilities>", (text) => xmlText(text, ["capabilities", "host"])],
  metadata: [fixture("virsh-9.0.0/dumpxml-metadata.txt"), metadataIn],
  pings: [fixture("ping-iputils/migration.txt"), (text) => text.split("\n").map(parsePingLine)],
  received: ["5 packets transmitted, 5 received, 0% packet loss\n", parseReceived],
  rules: [fixture("nft-1.0.6/ruleset.txt"), (text) => normalRules(text.split("\n"))],
  chains: [fixture("nft-1.0.6/list-chains.txt"), inputChains],
  zones: ["public (default)\n  interfaces: eth0\n", zoneNames],
  kernelLines: [fixture("dmesg-util-linux/host.txt"), parseKernelLines],
  kernelReports: [fixture("dmesg-util-linux/two-strikes.txt"), parseKernelLines],
  kernelAdded: [fixture("dmesg-util-linux/host.txt"), (text) => addedSince(text, text.slice(0, 200))],
  kernelJoined: [
    fixture("dmesg-util-linux/two-strikes.txt"),
    (text) => joined(addedSince(text, ""), addedSince(text, "")),
  ],
  kernelTrouble: [
    fixture("dmesg-busybox/guest-boot.txt"),
    (text) => kernelFindings("g1", { added: parseKernelLines(text) }),
  ],
  marks: [
    "<13>[ 5.0] migstorm mark tok begin\n<13>[ 7.0] migstorm mark tok end\n",
    (text) => betweenMarks(text, "tok"),
  ],
  guest: ["b15f81ec-b06a-48c7-b737-e16e25b05620\n14.32 10.00\n", parseGuestSnapshot],
  snapshot: ["== domains\na\n== listeners\n00:C000\n== end\n", (text) => parseSnapshot(sections(text))],
  watch: [fixture("watch-debian12/two-guests.txt"), (text) => parseWatch(sections(text))],
  cpuLines: [fixture("proc-linux-6.18/cpu-lines.txt"), (text) => text.split("\n").map(parseCpuLine)],
  classes: [`== 5.01\n${fixture("iproute2-6.1/class-contended.txt")}== end\n`, parseClassReading],
  route: [fixture("iproute2-6.1/route-get.txt"), parseRoute],
  qdiscs: [fixture("iproute2-6.1/qdisc-htb.txt"), ownQdisc],
  facts: ["== capabilities\n<capabilities/>\n== memory\ncgroup 1 2 3\n", (text) => parseFacts("h1", sections(text))],
  sighting: [
    fixture("stress-ng-0.15/sighting.txt"),
    (text) => parseSighting(text, { pid: 139, startTicks: 885, tool: "stress-ng" }),
  ],
};

function readEvents(text: string): unknown {
  let pending: PendingEvent | undefined;
  for (const line of text.split("\n")) pending = takeEventLine(pending, line).pending;
  return flushEvent(pending);
}

/** A real output, cut, doubled, or with something else in the middle. */
const bent = (sample: string) =>
  fc
    .tuple(fc.nat(sample.length), fc.nat(sample.length), fc.string({ unit: "binary", maxLength: 40 }))
    .map(([from, to, between]) => sample.slice(0, from) + between + sample.slice(to));

function survives(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof HarnessError, String(error));
  }
}

describe("parsers and hostile output", () => {
  for (const [name, [sample, parse]] of Object.entries(PARSERS)) {
    it(`${name}: reads anything, or refuses in the project's own way`, () => {
      fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => survives(parse, text)));
      fc.assert(fc.property(bent(sample), (text) => survives(parse, text)));
    });
    it(`${name}: takes a megabyte in less than a second of CPU time`, () => {
      const repeated = sample.repeat(Math.ceil(2 ** 20 / sample.length));
      for (const text of [
        repeated,
        "a".repeat(2 ** 20),
        " ".repeat(2 ** 20),
        "[1".repeat(2 ** 19),
        "'(".repeat(2 ** 19),
      ]) {
        const before = process.cpuUsage();
        survives(parse, text);
        const { user, system } = process.cpuUsage(before);
        const tookMs = (user + system) / 1000;
        assert.ok(tookMs < 1000, `${text.slice(0, 20)}…: ${Math.round(tookMs)} ms`);
      }
    });
  }
});
