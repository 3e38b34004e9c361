import type { CpuGain, LegPath } from "../../lib/model/path.js";

export interface LegPathOver {
  readonly leg?: number;
  readonly source?: string;
  readonly target?: string;
  readonly guest?: string;
  /** From the source to libvirt's port of the target, and to its data ports. */
  readonly rpcBytes?: number;
  readonly dataBytes?: number;
  /** CPU seconds of libvirt's daemons and of the guest's QEMU, on the source and on the target. */
  readonly daemonsS?: readonly [source: number, target: number];
  readonly qemuS?: readonly [source: number, target: number];
  readonly classBytes?: number;
  readonly isContended?: boolean;
}

/** What was seen of the way of a leg with one guest. */
export const buildLegPath = ({
  leg = 1,
  source = "h1",
  target = "h2",
  guest = "ms-ab12cd3-001-g1",
  rpcBytes = 14_000,
  dataBytes = 84_000_000,
  daemonsS = [0.01, 0.02],
  qemuS = [0.3, 0.2],
  classBytes,
  isContended,
}: LegPathOver = {}): LegPath => ({
  leg,
  counters: [
    {
      host: source,
      counts: [
        { group: "rpc", direction: "out", side: "to", packets: 20, bytes: rpcBytes },
        { group: "rpc", direction: "in", side: "from", packets: 19, bytes: 3_300 },
        { group: "data", direction: "out", side: "to", packets: 5_400, bytes: dataBytes },
      ],
    },
    { host: target, counts: [{ group: "data", direction: "in", side: "to", packets: 5_400, bytes: dataBytes }] },
  ],
  cpu: [gain(source, daemonsS[0], { [guest]: qemuS[0] }), gain(target, daemonsS[1], { [guest]: qemuS[1] })],
  classes:
    classBytes === undefined
      ? []
      : [
          {
            host: source,
            gains: [{ id: "1:30", ms: 1_500, bytes: classBytes, packets: 60, dropped: 0, lended: 40, borrowed: 20 }],
          },
        ],
  ...(isContended === undefined ? {} : { isContended }),
});

const gain = (host: string, daemonsS: number, guestsS: CpuGain["guestsS"]): CpuGain => ({
  host,
  wallS: 1.5,
  busyS: 2.4,
  daemonsS,
  guestsS,
});
