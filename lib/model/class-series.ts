/** What a class has sent so far, and what waits in it. */
export interface ClassFigures {
  /** `1:30` */
  readonly id: string;
  readonly bytes: number;
  readonly packets: number;
  readonly dropped: number;
  /** Packets sent at its own rate; for a class above others, those that they borrowed from it. */
  readonly lended: number;
  /** Packets sent above its rate, with what others left. */
  readonly borrowed: number;
  /** Waiting now. Absent: it was not said in plain numbers. */
  readonly backlogBytes?: number;
}

/** A class over time. */
export interface ClassSeries {
  readonly host: string;
  readonly interface: string;
  readonly id: string;
  /** Guaranteed, and what it may borrow up to; absent when not understood. */
  readonly rateMbps?: number;
  readonly ceilMbps?: number;
  /** The first number is milliseconds since the job started; the others are as in `ClassFigures`. Their number is bounded. */
  readonly points: readonly ClassPoint[];
}

export type ClassPoint = readonly [
  ms: number,
  bytes: number,
  packets: number,
  dropped: number,
  lended: number,
  borrowed: number,
  backlogBytes: number | null,
];

/** What a class did between two moments. */
export interface ClassGain {
  readonly ms: number;
  readonly bytes: number;
  readonly packets: number;
  readonly dropped: number;
  readonly lended: number;
  readonly borrowed: number;
}

type Counters = Omit<ClassFigures, "id" | "backlogBytes">;
const COUNTERS = ["bytes", "packets", "dropped", "lended", "borrowed"] as const;

/** From two readings. Undefined when a counter went backwards: then the class was made anew in between. */
export function classGain(before: Counters, after: Counters, ms: number): ClassGain | undefined {
  const gains = COUNTERS.map((name) => [name, after[name] - before[name]] as const);
  if (gains.some(([, gain]) => !(gain >= 0))) return undefined;
  return { ms, ...(Object.fromEntries(gains) as unknown as Counters) };
}

/**
 * From a series: between the last point at or before `fromMs` and the first at or after `toMs`, which may be a second more on
 * either side. Undefined when the series does not reach that far.
 */
export function gainBetween({ points }: Pick<ClassSeries, "points">, fromMs: number, toMs: number) {
  const before = points.filter(([ms]) => ms <= fromMs).at(-1);
  const after = points.find(([ms]) => ms >= toMs);
  if (before === undefined || after === undefined) return undefined;
  return classGain(countersOf(before), countersOf(after), after[0] - before[0]);
}

const countersOf = ([, bytes, packets, dropped, lended, borrowed]: ClassPoint): Counters => ({
  bytes,
  packets,
  dropped,
  lended,
  borrowed,
});

/** Undefined when no time has passed. */
export const meanMbps = ({ bytes, ms }: Pick<ClassGain, "bytes" | "ms">): number | undefined =>
  ms > 0 ? (bytes * 8) / 1000 / ms : undefined;

export const hasBorrowed = ({ borrowed }: Pick<ClassGain, "borrowed">): boolean => borrowed > 0;
