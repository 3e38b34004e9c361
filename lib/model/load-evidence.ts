/** One process of a load, seen at one moment; `alive` false: not there, or another process. */
export interface LoadSighting {
  readonly atMs: number;
  /** e.g. `before`, `after leg 3`. */
  readonly when: string;
  readonly alive: boolean;
  /** CPU seconds used so far by the process and its children. */
  readonly cpuS?: number;
  /** Resident memory of them all, MiB; what they share counts for each. */
  readonly residentMiB?: number;
  /** Their memory that was moved out to swap, MiB; absent: none. */
  readonly swappedMiB?: number;
  /** Children of the tool that had neither ended nor been stopped; 0 when the tool itself had. Absent: nobody counted. */
  readonly workers?: number;
  /** How many of them all were stopped by a signal or a debugger; absent: none. */
  readonly stopped?: number;
  /** How often it had to be started again so far, because something had ended it. */
  readonly restarts?: number;
  /** What the host could still give, MiB; for a load that is to take more than there is. */
  readonly freeMiB?: number;
}

export interface LoadEvidence {
  /** Guest or host it runs on. */
  readonly place: string;
  readonly tool: string;
  readonly pid?: number;
  /** Field 22 of /proc/PID/stat: together with the pid it names one process. */
  readonly startTicks?: number;
  /** Workers that it was told to have, and that never pause or end; absent: its arguments promise nothing like it. */
  readonly workers?: number;
  /** Memory that it was to hold, MiB, where it is known. */
  readonly memoryMiB?: number;
  /** What the guests left free on the host, MiB, found before it was started; for loads that are measured by it. */
  readonly leftMiB?: number;
  /** Whether it was to take more than there is: then the kernel may well end it, and it is started again. */
  readonly isShort?: boolean;
  readonly sightings: readonly LoadSighting[];
  /**
   * Processes of it that were found when everything had been taken back. `unknown`: nobody could look. Absent: there was nothing to
   * look at, because the guest is gone or the hosts are kept as they are; or the evidence is of a time when nobody did.
   */
  readonly leftProcesses?: number | "unknown";
}

/** Memory that a load was seen to hold, MiB, wherever the kernel had put it. */
export const heldMiB = ({ residentMiB = 0, swappedMiB = 0 }: LoadSighting): number => residentMiB + swappedMiB;

/** Of the memory that a load is to hold, so much has to be seen: what is shared or just being written anew is missing. */
const SHARE_HELD = 0.8;

export const isFilled = (seen: LoadSighting, memoryMiB: number): boolean => heldMiB(seen) >= memoryMiB * SHARE_HELD;

/** Of what a load was to hold, so little counts as nothing, and so much as more than a page that nobody used. */
const SHARE_OUT = 0.02;
const LEAST_OUT_MIB = 16;

/** Memory of the host had run out while this load was looked at: nothing was left to give, or the load was moved out to swap. */
export function isOut({ freeMiB, swappedMiB = 0 }: LoadSighting, memoryMiB: number): boolean {
  const littleMiB = Math.max(LEAST_OUT_MIB, memoryMiB * SHARE_OUT);
  return swappedMiB >= littleMiB || (freeMiB !== undefined && freeMiB <= littleMiB);
}
