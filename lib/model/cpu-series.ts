import type { CpuGain } from "./path.js";

/** CPU time over time, of one process of one host. */
export interface CpuSeries {
  readonly host: string;
  /** `host` (all of it), `libvirt` (its daemons added up), `qemu g1`. */
  readonly process: string;
  /** Milliseconds since the job started, and CPU seconds since it was first seen. A bounded number: see `addPoint`. */
  readonly points: readonly (readonly [ms: number, cpuS: number])[];
}

const GIB = 2 ** 30;

/** CPU seconds that were spent for each GiB moved; undefined when nothing was moved, for then there is no such number. */
export const cpuPerGiB = (cpuS: number, movedBytes: number): number | undefined =>
  movedBytes > 0 ? cpuS / (movedBytes / GIB) : undefined;

/** The same of libvirt's daemons on all hosts of a leg. Undefined, too, when a host's figures are missing. */
export function daemonsPerGiB(gains: readonly (CpuGain | undefined)[], movedBytes: number): number | undefined {
  const known = gains.flatMap((gain) => gain ?? []);
  if (known.length === 0 || known.length < gains.length) return undefined;
  return cpuPerGiB(
    known.reduce((sum, { daemonsS }) => sum + daemonsS, 0),
    movedBytes,
  );
}
