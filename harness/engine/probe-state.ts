import type { RunningCapture } from "../../lib/capture/capture.js";
import type { CpuMeter } from "../../lib/host/cpu-gain.js";
import type { CpuReading } from "../../lib/host/cpu-readings.js";
import type { PathEvidence } from "../../lib/model/check.js";
import type { ClassSeries } from "../../lib/model/class-series.js";
import type { CpuSeries } from "../../lib/model/cpu-series.js";
import type { LegPath, PacketCount } from "../../lib/model/path.js";

/** What watches the ways of a case's migrations, as far as the case asks for it. */
export interface ProbeState {
  readonly hosts: HostProbes[];
  readonly legs: LegPath[];
  /** Everything that was seen; there once the probes were stopped. */
  result?: PathEvidence;
}

/** The probes of one host. */
export interface HostProbes {
  readonly host: string;
  readonly stops: (() => Promise<unknown>)[];
  capture?: RunningCapture;
  counters?: { readonly read: () => Promise<PacketCount[]>; readonly first: readonly PacketCount[] };
  cpu?: { readonly read: () => Promise<CpuReading>; readonly series: () => CpuSeries[] };
  classes?: { readonly interface: string; readonly series: () => ClassSeries[] };
  /** Of the leg that runs. */
  meter?: CpuMeter;
}
