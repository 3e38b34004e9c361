import assert from "node:assert/strict";
import fc from "fast-check";
import { counterChange, counterGain, parseCounters } from "../../../../lib/capture/counters.js";
import { interfaceName, parseLinks, stackInterfaces } from "../../../../lib/capture/links.js";
import { captureFilter, isListening, parseDropped } from "../../../../lib/capture/tcpdump.js";
import { portGroups } from "../../../../lib/model/ports.js";
import { fixture } from "../../../support/fixture.js";

describe("tcpdump", () => {
  it("is asked for the groups, and for the peers where there are any", () => {
    assert.equal(
      captureFilter(portGroups([2049]), []),
      "(tcp port 16509 or tcp port 16514 or tcp portrange 49152-49215 or tcp port 2049)",
    );
    assert.match(captureFilter(portGroups([]), ["10.0.0.1", "fd00::1"]), /\) and \(host 10.0.0.1 or host fd00::1\)$/);
  });
  it("says when it listens", () => {
    const lines = fixture("tcpdump-4.99/whole.stderr").split("\n");
    assert.deepEqual(lines.filter(isListening), [lines[1]]);
  });
  it("says what it has not", () => {
    assert.equal(parseDropped(fixture("tcpdump-4.99/whole.stderr")), 0);
    const more = "100 packets received by filter\n7 packets dropped by kernel\n1 packet dropped by interface\n";
    assert.equal(parseDropped(more), 8);
    assert.equal(parseDropped("tcpdump: killed"), undefined);
  });
});

describe("interfaces of a host", () => {
  const links = parseLinks(fixture("iproute2-6.1/addr.json"));
  it("are those that the host itself speaks on", () => assert.deepEqual(stackInterfaces(links), ["lo", "br0", "eth1"]));
  it("have names, and VLANs of their own", () => {
    const index = links.find(({ name }) => name === "eth1")?.index ?? 0;
    assert.equal(interfaceName(links, index, 0), "eth1");
    assert.equal(interfaceName(links, index, 100), "eth1#100");
    assert.equal(interfaceName(links, 999, 0), "?");
  });
  it("are read from anything", () => {
    for (const text of ["", "{}", "[null, 1, {}]", '[{"ifindex":1,"ifname":"a","addr_info":[null,{"local":3}]}]'])
      assert.deepEqual(stackInterfaces(parseLinks(text)), []);
    fc.assert(fc.property(fc.json(), (text) => assert.ok(Array.isArray(parseLinks(text)))));
  });
});

describe("packet counters", () => {
  it("are read of iptables, both families added up", () => {
    const counts = parseCounters(fixture("iptables-1.8.9/counters.txt"));
    assert.equal(counts.length, 16);
    const rpc = counts.filter(({ group }) => group === "rpc");
    assert.deepEqual(rpc[0], { group: "rpc", direction: "in", side: "to", packets: 8, bytes: 10_512 });
  });
  it("are read of nftables, and are the same", () =>
    assert.deepEqual(
      parseCounters(fixture("nft-1.0.6/counters.txt")),
      parseCounters(fixture("iptables-1.8.9/counters.txt")),
    ));
  it("are read from anything", () =>
    fc.assert(
      fc.property(fc.string(), (text) =>
        assert.deepEqual(parseCounters(`== in\n${text}`.replaceAll("comment", "")), []),
      ),
    ));
  it("gain from one reading to the next", () => {
    const [before, after] = [3, 10].map((packets) => [
      { group: "data", direction: "in", side: "to", packets, bytes: packets * 10 } as const,
    ]);
    assert.deepEqual(counterGain(before ?? [], after ?? []), [{ ...after?.[0], packets: 7, bytes: 70 }]);
    assert.deepEqual(counterGain([], after ?? []), after);
  });
  it("have a name of their own for each job, short enough for a chain, and rules in the order of precedence", () => {
    const change = (jobKey: string) =>
      counterChange("iptables", { jobKey, groups: portGroups([2049]), peers: ["10.0.0.1"] });
    const [one, other] = [change("job-1; rm -rf /"), change("job-2")].map(({ apply }) => apply.args.slice(3));
    assert.notEqual(one?.[0], other?.[0]);
    assert.match(`${one?.[0]}-out`, /^[a-z0-9-]{1,28}$/);
    assert.deepEqual(one?.slice(1), [
      ...["10.0.0.1", "", "16509,1:65535,rpc", "16514,1:65535,rpc-tls", "2049,1:65535,port-2049"],
      "49152:49215,1024:65535,data",
    ]);
  });
});
