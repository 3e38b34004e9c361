import { createRequire } from "node:module";

/** What of node_pcap is used. Its own types bring those of another Node along. */
interface NodePcap {
  readonly createOfflineSession: (path: string) => Session;
}
interface Session {
  readonly link_type: string;
  readonly buf: Buffer;
  readonly header: Buffer;
  readonly session: { dispatch: (buf: Buffer, header: Buffer) => number };
  readonly on: (event: "packet" | "complete", listener: () => void) => void;
}

/** Number of a link type, as tcpdump.org/linktypes.html has it, except raw IP, which is 12. */
export type LinkType = number;

export interface OpenCapture {
  readonly linkType: LinkType;
  /**
   * Hands over packet after packet, in buffers that are used again for the next one: the packet's head, and four numbers:
   * seconds, microseconds, bytes that were kept, bytes that it had.
   * `isWhole` is false when the capture broke off in the middle of something, or is damaged from there on.
   */
  readonly each: (onPacket: (data: Buffer, header: Uint32Array) => void) => Promise<{ readonly isWhole: boolean }>;
}

const NAMES: Readonly<Record<string, LinkType>> = {
  LINKTYPE_NULL: 0,
  LINKTYPE_ETHERNET: 1,
  LINKTYPE_RAW: 12,
  LINKTYPE_LINUX_SLL: 113,
};

/**
 * Opens a pcap or a pcapng; `-` is the standard input, and then this waits for its first bytes. Reading blocks the whole
 * process until the end, and the binding can be loaded once a process only: hence `reader.ts`.
 * @throws Error of libpcap when it is no capture
 */
export function openCapture(path: string): OpenCapture {
  const require = createRequire(import.meta.url);
  const session = (require("pcap") as NodePcap).createOfflineSession(path);
  return {
    linkType: NAMES[session.link_type] ?? Number(/^Unknown linktype (\d+)$/.exec(session.link_type)?.[1] ?? -1),
    each: (onPacket) =>
      new Promise((resolve) => {
        // node_pcap tells of the end only; that it was an error is known from the number that it drops.
        const binding = session.session;
        const dispatch = binding.dispatch.bind(binding);
        let last = 0;
        binding.dispatch = (buf, header) => {
          last = dispatch(buf, header);
          return last;
        };
        // The binding fills them in the order of the machine.
        const header = new Uint32Array(session.header.buffer, session.header.byteOffset, 4);
        session.on("packet", () => onPacket(session.buf, header));
        session.on("complete", () => resolve({ isWhole: last === 0 }));
      }),
  };
}
