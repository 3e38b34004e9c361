import assert from "node:assert/strict";
import { join } from "node:path";
import { agree } from "../../harness/checks/path-agreement.js";
import { startCapture } from "../../lib/capture/capture.js";
import { type CounterTool, counterChange, counterGain, counterTool, readCounters } from "../../lib/capture/counters.js";
import { changeHost, undoAll } from "../../lib/journal/change-host.js";
import type { CaptureEvidence, CounterGain } from "../../lib/model/path.js";
import { portGroups } from "../../lib/model/ports.js";
import { localRun } from "../../lib/transport/local.js";
import type { Remote } from "../../lib/transport/transport.js";
import { assertAsBefore, cli, on, runJob, scenario, type TestLab, testLab } from "../support/lab-job.js";
import { needsRoot } from "../support/needs.js";

const GROUPS = portGroups([2049]);
const MIB = 2 ** 20;
const TOOLS: readonly CounterTool[] = ["iptables", "nftables"];

interface Seen {
  readonly captures: readonly CaptureEvidence[];
  /** By tool. */
  readonly counters: Readonly<Record<string, readonly CounterGain[]>>;
  readonly processedBytes: number;
  readonly betweenMs: readonly [number, number];
}

describe("capture and counters", function () {
  this.timeout(120_000);
  let lab: TestLab;

  before(async () => {
    needsRoot();
    lab = await testLab();
  });
  after(() => lab?.down());

  /** A guest there and back while both hosts are listened to. */
  async function seen(channel: "native" | "tunnelled", maxBytes?: number): Promise<Seen> {
    const hosts = [lab.source, lab.target];
    const peersOf = (host: Remote): string[] =>
      lab.inventory.hosts.flatMap(({ name, address, migrationAddress }) =>
        [address, migrationAddress].flatMap((one) => (name === host.name || one === undefined ? [] : one)),
      );
    const keyOf = (tool: CounterTool): string => `${channel}-${tool}`;
    const journal = (host: Remote): string => join(lab.folder, `${channel}-${host.name}.journal`);
    for (const host of hosts)
      for (const tool of TOOLS)
        await changeHost(
          { journal: journal(host), remote: host },
          counterChange(tool, { jobKey: keyOf(tool), groups: GROUPS, peers: peersOf(host) }),
        );
    const beginMs = performance.now();
    const running = await Promise.all(
      hosts.map((host) =>
        startCapture(host, {
          file: join(lab.folder, `${channel}-${host.name}.pcap`),
          groups: GROUPS,
          peers: peersOf(host),
          ...{ maxBytes, nowMs: () => performance.now() },
        }),
      ),
    );
    const read = () =>
      Promise.all(TOOLS.map((tool) => Promise.all(hosts.map((host) => readCounters(host.run, tool, keyOf(tool))))));
    const first = await read();
    const path = await scenario(lab, channel, { migration: { control: "p2p", channel } });
    const { result, exitCode, stdout } = await runJob(lab, path);
    const last = await read();
    const captures = await Promise.all(running.map(({ stop }) => stop()));
    for (const host of hosts) assert.deepEqual(await undoAll(journal(host), () => ({ remote: host }), ""), []);
    assert.equal(exitCode, 0, stdout);
    const migrations = result.cases.flatMap((one) => one.migrations);
    assert.equal(migrations.length, 2);
    return {
      captures,
      betweenMs: [beginMs, performance.now()],
      counters: Object.fromEntries(
        TOOLS.map((tool, at) => [
          tool,
          hosts.map(({ name }, index) => ({
            host: name,
            counts: counterGain(first[at]?.[index] ?? [], last[at]?.[index] ?? []),
          })),
        ]),
      ),
      processedBytes: migrations.reduce((sum, { stats }) => sum + (stats?.dataProcessedBytes ?? 0), 0),
    };
  }

  const bytesTo = ({ counts }: Pick<CounterGain, "counts">, group: string): number =>
    counts.filter((one) => one.group === group && one.side === "to").reduce((sum, { bytes }) => sum + bytes, 0);

  let native: Seen;
  let tunnelled: Seen;
  it("see a native migration on the data ports", async () => {
    native = await seen("native");
    for (const one of Object.values(native.counters).flat()) {
      assert.ok(bytesTo(one, "data") >= 0.9 * native.processedBytes, JSON.stringify(one));
      assert.ok(bytesTo(one, "rpc") <= Math.max(MIB, 0.01 * native.processedBytes), JSON.stringify(one));
    }
  });
  it("see a tunnelled one on libvirt's own port, and nothing on the data ports", async () => {
    tunnelled = await seen("tunnelled", 64 * 1024);
    for (const one of Object.values(tunnelled.counters).flat()) {
      assert.ok(bytesTo(one, "rpc") >= 0.9 * tunnelled.processedBytes, JSON.stringify(one));
      assert.equal(bytesTo(one, "data"), 0);
    }
  });
  it("tell when the capture's first second began, by the clock of the job", () => {
    for (const { captures, betweenMs } of [native, tunnelled])
      for (const { startMs = Number.NaN, series } of captures) {
        const lastMs = startMs + 1000 * Math.max(...series.map(({ second }) => second));
        // A second begins before its first packet.
        assert.ok(
          startMs > betweenMs[0] - 1500 && lastMs < betweenMs[1] + 500,
          `${startMs} to ${lastMs}: ${betweenMs}`,
        );
      }
  });
  it("agree with each other", () => {
    for (const { captures, counters } of [native, tunnelled])
      for (const tool of TOOLS) assert.deepEqual(agree(captures, counters[tool] ?? []), []);
  });
  it("agree no more when counters miss a group, or a capture lost packets that nobody reported", () => {
    const gains = native.counters.iptables ?? [];
    const blind = gains.map(({ host, counts }) => ({ host, counts: counts.filter(({ group }) => group !== "data") }));
    assert.equal(agree(native.captures, blind).length, 4);
    const lossy = native.captures.map((one) => ({
      ...one,
      counts: one.counts.map((count) => ({ ...count, bytes: Math.floor(count.bytes * 0.97) })),
    }));
    assert.ok(agree(lossy, gains).length >= 2);
  });
  it("says where the packets were seen, which connections began, and that none was lost", () => {
    for (const { problem, dropped, counts, stackInterfaces, isCut } of native.captures) {
      assert.deepEqual([problem, dropped, isCut], [undefined, 0, undefined]);
      assert.deepEqual(stackInterfaces, ["lo", "br0", "eth1"]);
      const data = counts.filter(({ group, side }) => group === "data" && side === "to");
      assert.deepEqual([...new Set(data.map((one) => one.interface))], ["eth1"]);
      assert.deepEqual(
        data.map(({ connections }) => connections),
        [1, 1],
      );
      assert.ok(counts.some((one) => one.group === "rpc" && one.interface === "br0"));
    }
  });
  it("leaves a file in which tcpdump finds the same", async () => {
    for (const { file = "", host, counts, packets } of native.captures) {
      const path = join(lab.folder, file);
      const tcpdump = async (...filter: string[]): Promise<number> => {
        const args = ["-r", path, "--count", ...filter];
        const { stdout } = await localRun("here")({ file: "tcpdump", args, timeoutMs: 30_000 });
        return Number(/^(\d+) packets?$/m.exec(stdout)?.[1]);
      };
      assert.equal(await tcpdump(), packets, host);
      for (const { name, first, last } of GROUPS) {
        const sum = counts.filter(({ group }) => group === name).reduce((all, one) => all + one.packets, 0);
        // A client of libvirtd may have a port of the range.
        const others = GROUPS.filter((group) => group.first === group.last && first < last);
        const not = others.map((other) => `and not port ${other.first}`).join(" ");
        assert.equal(await tcpdump(`tcp portrange ${first}-${last} ${not}`), sum, `${host} ${name}`);
      }
      const told = JSON.parse((await cli("capture", path, "--json")).stdout);
      assert.equal(told.packets, packets);
    }
  });
  it("counts on when the file is full, and leaves a whole one", async () => {
    for (const { file = "", isCut, packets, problem } of tunnelled.captures) {
      assert.deepEqual([isCut, problem], [true, undefined]);
      const { exitCode, stdout } = await cli("capture", join(lab.folder, file), "--json");
      assert.equal(exitCode, 0);
      const kept = JSON.parse(stdout).packets;
      assert.ok(kept > 100 && kept < packets, `${kept} of ${packets}`);
    }
  });
  it("finds a tool where no firewall is named", async () => {
    assert.equal(await counterTool(lab.source.run, "none"), "nftables");
    const bare: Remote["run"] = async (command) => ({
      command,
      host: "h9",
      exitCode: 127,
      stdout: "",
      stderr: "",
      durationMs: 1,
    });
    await assert.rejects(counterTool(bare, "none"), /neither nft nor iptables/);
  });
  it("says what tcpdump said when it does not listen", () =>
    assert.rejects(startCapture(lab.source, { file: join(lab.folder, "no.pcap"), groups: [], peers: ["x y"] }), {
      code: "command-failed",
      message: /tcpdump does not listen: .*syntax error/,
    }));
  it("tells of a capture that was ended from outside", async () => {
    const capture = await startCapture(lab.source, { file: join(lab.folder, "ended.pcap"), groups: GROUPS });
    await on(lab.source, "kill -KILL $(pidof tcpdump)");
    const { problem } = await capture.stop();
    assert.match(problem ?? "", /^tcpdump ended before it was told to/);
  });
  it("leaves nothing behind, and undoing twice is harmless", async () => {
    for (const tool of TOOLS) {
      const { undo } = counterChange(tool, { jobKey: `native-${tool}`, groups: GROUPS, peers: [] });
      assert.equal((await lab.source.run(undo)).exitCode, 0);
      await assert.rejects(readCounters(lab.source.run, tool, `native-${tool}`), { code: "command-failed" });
    }
    await assertAsBefore(lab);
    assert.doesNotMatch(await on(lab.source, "nft list ruleset; iptables-save"), /migstorm-/);
  });
});
