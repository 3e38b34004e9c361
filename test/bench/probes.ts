import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseContext, HostHandle } from "../../harness/engine/context.js";
import { startCapture } from "../../lib/capture/capture.js";
import { counterChange, counterTool } from "../../lib/capture/counters.js";
import { readCpu, startCpuSampler } from "../../lib/host/cpu.js";
import { gatherCpu } from "../../lib/host/cpu-series.js";
import { startTopLog } from "../../lib/host/top-log.js";
import type { Move } from "../../lib/model/plan.js";
import { portGroups } from "../../lib/model/ports.js";
import { gatherClasses, startClassSampler } from "../../lib/net/class-samples.js";
import { peerAddresses } from "../../lib/net/peer-addresses.js";
import { interfaceTo } from "../../lib/net/route.js";
import { bareLeg } from "./bare-loop.js";
import { benchParams, withGuests } from "./bench-guests.js";
import { inLab } from "./bench-lab.js";
import { figuresOf, median } from "./figures.js";
import { against, ms, type Part, ratio } from "./table.js";

/** All probes together on a host, or for the runner: percent of one core of that machine. */
const TARGET_PERCENT = 3;
const TARGET_RATIO = 1.03;

/** What can be told apart on a host, by how its processes are called. */
const PROBES = ["migstorm-cpu", "migstorm-classes", "top", "tcpdump"] as const;

interface Turn {
  readonly legsMs: number;
  readonly wallS: number;
  /** Of both captures together. */
  readonly packets: number;
  /** CPU seconds of the runner, of what it has started to read captures, and of the hosts' ssh servers. */
  readonly runnerS: number;
  readonly readersS: number;
  readonly sshS: number;
  /** CPU seconds of each probe on each host, in the order of the hosts; empty without probes. */
  readonly probesS: readonly (readonly number[])[];
}

/** The same guests there and back by a bare loop, by turns without any probe and with all of them. */
export const probesPart = (rounds: number, count: number): Promise<Part[]> =>
  inLab(
    (lab) =>
      withGuests(lab.newJob(), lab.folder, benchParams(count), async (ctx) => {
        const without: Turn[] = [];
        const withProbes: Turn[] = [];
        const measure = async (isProbed: boolean): Promise<void> => {
          const turn = await turnOf(ctx, isProbed ? () => startProbes(ctx, lab.folder) : undefined);
          (isProbed ? withProbes : without).push(turn);
        };
        // A round trip of each that does not count.
        for (const isProbed of [false, true]) await measure(isProbed);
        without.length = 0;
        withProbes.length = 0;
        for (let round = 0; round < rounds; round += 1)
          for (const isProbed of round % 2 === 0 ? [false, true] : [true, false]) await measure(isProbed);
        return partsOf(without, withProbes, `${count} guests there and back (${lab.virtType})`);
      }),
    { guests: count },
  );

async function turnOf(ctx: CaseContext, start: (() => Promise<() => Promise<number>>) | undefined): Promise<Turn> {
  const hosts = [...ctx.hosts.values()];
  const stop = await start?.();
  // To begin and to end is another matter than to go on: a case pays for it once, and programs are still starting here.
  await lap(ctx);
  const [sshBeforeS, readersBeforeS] = [await sshSeconds(hosts), await childSeconds()];
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const legsMs = await legs(ctx);
  const wallS = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const runnerS = (user + system) / 1e6;
  const readersS = (await childSeconds()) - readersBeforeS;
  const sshS = (await sshSeconds(hosts)) - sshBeforeS;
  const probesS = start === undefined ? [] : await Promise.all(hosts.map(probeSeconds));
  const packets = (await stop?.()) ?? 0;
  return { packets, legsMs, wallS, runnerS, readersS, sshS, probesS };
}

/** CPU seconds so far of the programs that this process has running. */
async function childSeconds(): Promise<number> {
  const threads = await readdir("/proc/self/task");
  const lists = threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, "utf8").catch(() => ""));
  const pids = (await Promise.all(lists)).flatMap((list) => list.split(" ").filter(Boolean));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  const fields = stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" "));
  return sum(fields.map((list) => (Number(list[11] ?? 0) + Number(list[12] ?? 0)) / 100));
}

/** There and back so many times in one turn: /proc cuts each figure down to 10 ms, which must not be much of it. */
const LAPS = 3;

async function legs(ctx: CaseContext): Promise<number> {
  const startMs = performance.now();
  for (let done = 0; done < LAPS; done += 1) await lap(ctx);
  return performance.now() - startMs;
}

async function lap(ctx: CaseContext): Promise<void> {
  for (const isBack of [false, true]) await bareLeg(ctx, movesOf(ctx, isBack), false);
}

function movesOf({ plan }: CaseContext, isBack: boolean): Move[] {
  const [source, target] = isBack ? [plan.hosts[1], plan.hosts[0]] : plan.hosts;
  return plan.guests.map(({ name }) => ({ guest: name, from: source, to: target }));
}

/** Every probe on both hosts, and what gathers from them. @returns the way to stop them, which tells how many packets were captured */
async function startProbes(ctx: CaseContext, folder: string): Promise<() => Promise<number>> {
  const hosts = [...ctx.hosts.values()];
  const stops = await Promise.all(hosts.map((handle, index) => probesOf(ctx, handle, hosts[1 - index]!, folder)));
  return async () =>
    sum((await Promise.all(stops.flat().map((stop) => stop()))).filter((told) => typeof told === "number"));
}

async function probesOf(
  { nowMs, jobKey }: CaseContext,
  { host, remote }: HostHandle,
  peer: HostHandle,
  folder: string,
) {
  const device = await interfaceTo(remote.run, new URL(peer.host.peerUri).hostname);
  const cpu = gatherCpu(host.name, nowMs);
  const classes = gatherClasses(host.name, device, nowMs);
  const sampler = await startCpuSampler(remote, cpu.take);
  // No tree: a shaped link would slow the legs, and what the sampler costs is starting tc.
  const traffic = await startClassSampler(remote, device, classes.take);
  const top = await startTopLog(remote, await readCpu(remote.run), { path: join(folder, `top-${host.name}.txt`) });
  const groups = portGroups([]);
  const names = [new URL(peer.host.peerUri).hostname, peer.host.migrationAddress];
  const [tool, peers] = await Promise.all([counterTool(remote.run, host.firewall), peerAddresses(remote.run, names)]);
  const capture = await startCapture(remote, { file: join(folder, `${host.name}.pcap`), groups, peers });
  const counters = counterChange(tool, { jobKey, groups, peers });
  await remote.run(counters.apply);
  const uncount = async (): Promise<void> => {
    await remote.run(counters.undo);
  };
  const stopCapture = async (): Promise<number> => (await capture.stop()).packets;
  return [stopCapture, sampler.stop, traffic.stop, top.stop, uncount];
}

/**
 * Of every process that is called so: its own CPU time and that of its children that have ended, in ticks. One that is not there
 * is no number, for it would pass for a probe that costs nothing.
 */
const PROBE_TICKS = `for name; do
  ticks=absent
  for file in $(grep -lzxF -e "$name" /proc/[0-9]*/cmdline 2>/dev/null); do
    [ "$file" != "/proc/$$/cmdline" ] || continue
    more=$(sed 's/.*) //' "\${file%cmdline}stat" 2>/dev/null | awk '{ print $12 + $13 + $14 + $15 }')
    # The grep finds itself, and is gone.
    [ -n "$more" ] || continue
    ticks=$((\${ticks#absent} + more))
  done
  echo "$ticks"
done`;
const SSH_TICKS = `for folder in $(grep -lx sshd /proc/[0-9]*/comm 2>/dev/null); do
  sed 's/.*) //' "\${folder%comm}stat" 2>/dev/null
done | awk '{ ticks += $12 + $13 } END { print ticks + 0 }'`;

const probeSeconds = ({ remote }: HostHandle): Promise<number[]> => seconds(remote, PROBE_TICKS, ...PROBES);

const sshSeconds = async (hosts: readonly HostHandle[]): Promise<number> =>
  sum((await Promise.all(hosts.map(({ remote }) => seconds(remote, SSH_TICKS)))).flat());

async function seconds({ run }: HostHandle["remote"], script: string, ...args: string[]): Promise<number[]> {
  const { stdout } = await run({ file: "sh", args: ["-c", script, "sh", ...args], timeoutMs: 30_000 });
  return stdout
    .trim()
    .split("\n")
    .map((ticks) => Number(ticks) / 100);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function partsOf(without: readonly Turn[], withProbes: readonly Turn[], what: string): Part[] {
  const share = (turns: readonly Turn[], of: (turn: Turn) => number): number =>
    (sum(turns.map(of)) / sum(turns.map(({ wallS }) => wallS))) * 100;
  const added = (of: (turn: Turn) => number): number => share(withProbes, of) - share(without, of);
  const perProbe = PROBES.map((name, probe) => ({
    name,
    percents: [0, 1].map((host) => share(withProbes, ({ probesS }) => probesS[host]?.[probe] ?? Number.NaN)),
  }));
  const runnerPercent = added(({ runnerS }) => runnerS);
  const readersPercent = added(({ readersS }) => readersS);
  const sshPercent = added(({ sshS }) => sshS);
  const allPercent = sum(perProbe.flatMap(({ percents }) => percents)) + runnerPercent + readersPercent + sshPercent;
  // The lab's hosts share a kernel: whose ssh server it was cannot be told.
  const hostPercents = [0, 1].map((host) => sum(perProbe.map(({ percents }) => percents[host] ?? 0)) + sshPercent / 2);
  const mostPercent = Math.max(...hostPercents, runnerPercent + readersPercent);
  const legsRatio = median(withProbes.map(({ legsMs }) => legsMs)) / median(without.map(({ legsMs }) => legsMs));
  const pairedRatio = median(withProbes.map(({ legsMs }, round) => legsMs / (without[round]?.legsMs ?? Number.NaN)));
  const legsRow = (name: string, turns: readonly Turn[]): string[] => {
    const { medianMs, lowerMs, upperMs } = figuresOf(turns.map(({ legsMs }) => legsMs));
    return [name, ms(medianMs), `${ms(lowerMs)}-${ms(upperMs)}`];
  };
  const percent = (value: number): string => value.toFixed(2);
  return [
    {
      title: `probes: ${what}, without and with them`,
      head: ["legs", "ms", "(quartiles)", "ratio", "paired", "target"],
      rows: [
        [...legsRow("without", without), "", "", ""],
        [...legsRow("with", withProbes), ratio(legsRatio), ratio(pairedRatio), against(pairedRatio, TARGET_RATIO)],
      ],
      data: { without, withProbes, legsRatio, pairedRatio },
    },
    {
      title: `probes: percent of one core (${Math.round(median(withProbes.map(({ packets }) => packets)) / (LAPS + 1))} packets captured a round trip)`,
      head: ["", "first host", "second host", "both", "target"],
      rows: [
        ...perProbe.map(({ name, percents }) => [name, ...percents.map(percent), percent(sum(percents)), ""]),
        ["ssh servers, more than without", "", "", percent(sshPercent), ""],
        ["runner, more than without", "", "", percent(runnerPercent), ""],
        ["readers of captures", "", "", percent(readersPercent), ""],
        ["the host with more, or the runner", "", "", percent(mostPercent), against(mostPercent, TARGET_PERCENT)],
        ["all machines added up", "", "", percent(allPercent), against(allPercent, TARGET_PERCENT)],
      ],
      data: { perProbe, sshPercent, runnerPercent, readersPercent, mostPercent, allPercent },
    },
  ];
}
