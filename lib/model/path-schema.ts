import { z } from "zod";

const packetCount = z.object({
  group: z.string().describe("rpc: 16509; rpc-tls: 16514; data: 49152 to 49215; port-N: a further one."),
  direction: z.enum(["in", "out"]),
  side: z.enum(["to", "from"]).describe("to: the port is the packet's destination; from: it comes from there."),
  packets: z.number(),
  bytes: z.number().describe("Of IP packets."),
});

/** `LegPath` as a reader of `results.json` meets it. */
export const pathSchema = z
  .object({
    leg: z.number().describe("From 1."),
    counters: z.array(z.object({ host: z.string(), counts: z.array(packetCount) })),
    cpu: z.array(
      z.object({
        host: z.string(),
        wallS: z.number(),
        busyS: z.number().describe("CPU seconds of the whole host."),
        daemonsS: z.number().describe("CPU seconds of libvirt's daemons."),
        guestsS: z.record(z.string(), z.number()).describe("CPU seconds of each guest's QEMU."),
      }),
    ),
    classes: z.array(
      z.object({
        host: z.string(),
        gains: z.array(
          z.object({
            id: z.string(),
            ms: z.number().describe("Milliseconds."),
            bytes: z.number(),
            packets: z.number(),
            dropped: z.number(),
            lended: z.number(),
            borrowed: z.number(),
          }),
        ),
      }),
    ),
    isContended: z.boolean().describe("Other traffic was sent on purpose.").exactOptional(),
  })
  .describe("What was counted from right before a leg to right after it.");
