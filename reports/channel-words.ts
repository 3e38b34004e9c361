import type { Spread } from "../lib/model/spread.js";
import type { ChannelCost, Process } from "./channel-cost.js";

/** One column: what it is, its unit, and the text of its number. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly spread: (cost: ChannelCost) => Spread | undefined;
  readonly text: (value: number) => string;
}

const PROCESS_NAMES: Readonly<Record<Process, string>> = {
  sourceDaemons: "libvirt, source",
  targetDaemons: "libvirt, target",
  sourceQemu: "QEMU, source",
  targetQemu: "QEMU, target",
};

export const processName = (process: Process): string => PROCESS_NAMES[process];

const fixed =
  (digits: number) =>
  (value: number): string =>
    value.toFixed(digits);

const cpu = (process: Process): Column => ({
  name: processName(process),
  unit: "CPU s/GiB",
  spread: ({ cpuSPerGiB }) => cpuSPerGiB[process],
  text: fixed(2),
});

/** The columns of the table of channels, in its order. */
export const COLUMNS: readonly Column[] = [
  { name: "Time", unit: "s", spread: ({ timeMs }) => timeMs, text: (ms) => (ms / 1000).toFixed(2) },
  { name: "Downtime observed", unit: "ms", spread: ({ silenceMs }) => silenceMs, text: fixed(0) },
  { name: "Downtime reported", unit: "ms", spread: ({ reportedMs }) => reportedMs, text: fixed(0) },
  { name: "Throughput", unit: "MiB/s", spread: ({ mibPerS }) => mibPerS, text: fixed(1) },
  ...[cpu("sourceDaemons"), cpu("targetDaemons"), cpu("sourceQemu"), cpu("targetQemu")],
  { name: "On the wire", unit: "of processed", spread: ({ wireShare }) => wireShare, text: fixed(3) },
];

/** `6`, or `5 of 6` where a leg did not complete. */
export const legsText = ({ legs, measured }: ChannelCost): string =>
  legs === measured ? String(legs) : `${measured} of ${legs}`;

/** What a reader has to know of the figures. */
export const CAVEATS: readonly string[] = [
  "Medians over the legs in which every migration completed, with the lower and the upper quartile.",
  "Time is that of virsh migrate as the runner saw it, throughput what libvirt processed in that time; where the scenario limits the bandwidth, that is what throughput shows.",
  "Downtime observed is the longest silence towards pings, downtime reported what libvirt says.",
  "QEMU's CPU has in it what the guest itself did meanwhile, and, where guests are emulated, what that costs.",
  "The source's QEMU is gone before it can be read for the last time: up to 0.45 s of it are missing.",
  "CPU time is told in hundredths of a second: small figures of libvirt are coarse.",
];
