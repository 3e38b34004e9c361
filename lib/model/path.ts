import type { ClassGain } from "./class-series.js";

/** Packets of one kind that a host saw. Bytes are those of IP packets, headers included, as the kernel's counters have them. */
export interface PacketCount {
  /** Name of a port group: `rpc`, `rpc-tls`, `data`, `port-2049`. */
  readonly group: string;
  /** As the host sees it. */
  readonly direction: "in" | "out";
  /** `to`: the port is the packet's destination, so it goes to whoever listens there; `from`: it comes from there. */
  readonly side: "to" | "from";
  readonly packets: number;
  readonly bytes: number;
}

/** What the counters of one host gained between two moments. */
export interface CounterGain {
  readonly host: string;
  readonly counts: readonly PacketCount[];
}

/** What the packets of one kind on one interface came to. */
export interface CaptureCount extends PacketCount {
  /** Name on the host; `?` where the capture does not say. */
  readonly interface: string;
  /** Connections that were opened while it ran: segments with SYN and without ACK. */
  readonly connections: number;
}

/** Bytes of one kind in one second. */
export interface CapturePoint {
  /** Whole seconds since the first packet. */
  readonly second: number;
  readonly interface: string;
  readonly group: string;
  readonly direction: "in" | "out";
  readonly side: "to" | "from";
  readonly bytes: number;
}

/** What the capture on one host came to. */
export interface CaptureEvidence {
  readonly host: string;
  /** File name in the case's folder; absent: it was not kept. */
  readonly file?: string;
  readonly packets: number;
  /** Packets that the kernel or the interface dropped before tcpdump saw them; absent: tcpdump did not say. */
  readonly dropped?: number;
  readonly counts: readonly CaptureCount[];
  readonly series: readonly CapturePoint[];
  /**
   * When second 0 of the series began, milliseconds since the job started, by what the host's clock said when the capture began:
   * good to half a second at worst. Absent: nobody asked, or the answer took too long to be of use.
   */
  readonly startMs?: number;
  /** Interfaces that the host itself sends and receives on; the others see its packets once more, or a guest's. */
  readonly stackInterfaces?: readonly string[];
  /** Why it cannot be relied upon: cut off, empty, not a capture at all. */
  readonly problem?: string;
  /** The file was full: later packets are counted and not in it. */
  readonly isCut?: boolean;
}

/** CPU seconds that one host's processes took between two moments. */
export interface CpuGain {
  readonly host: string;
  readonly wallS: number;
  /** All that the host's CPUs did. */
  readonly busyS: number;
  /** libvirtd, or virtqemud and virtproxyd added up. */
  readonly daemonsS: number;
  /** QEMU of each guest that was seen there: guest → CPU seconds. */
  readonly guestsS: Readonly<Record<string, number>>;
}

/** What the classes of one host sent between two moments. */
export interface ClassesGain {
  readonly host: string;
  readonly gains: readonly (ClassGain & { /** `1:30` */ readonly id: string })[];
}

/** What was seen of one leg's way. */
export interface LegPath {
  readonly leg: number;
  readonly counters: readonly CounterGain[];
  readonly cpu: readonly CpuGain[];
  readonly classes: readonly ClassesGain[];
  /** Other traffic was sent on purpose while it ran. */
  readonly isContended?: boolean;
}
