import { z } from "zod";
import { memorySize } from "./units.js";

const rate = z.int().min(1).max(1_000_000);
const port = z.int().min(1).max(65535);

export const probes = z.strictObject({
  path: z
    .boolean()
    .describe("Which ports the migrations use: lossless counters and a capture of packet heads on both hosts.")
    .default(false),
  cpu: z.boolean().describe("CPU of libvirt's daemons, of each guest's QEMU and of the hosts.").default(false),
  ports: z.array(port).max(32).describe("Further TCP ports to be captured and counted, each by itself.").default([]),
  keepCapture: z
    .enum(["always", "unless-pass", "never"])
    .describe("What becomes of the capture files once the case is judged.")
    .default("unless-pass"),
  captureLimit: memorySize
    .describe("Largest capture file of a host; what comes later is counted and not kept.")
    .default(256),
});

const trafficClass = z.strictObject({
  rate: rate.describe("What the class is guaranteed, Mbit/s.").optional(),
  ceil: rate.describe("What it may borrow up to, Mbit/s.").optional(),
});

export const classes = z.strictObject({
  on: z
    .enum(["management", "migration"])
    .describe("Both hosts get a tree of HTB classes on the interface of this network; without it they get none.")
    .optional(),
  link: rate.describe("Rate of the whole tree, Mbit/s.").default(1000),
  management: trafficClass.describe("1:10: whatever no filter takes elsewhere.").prefault({}),
  storage: trafficClass.describe("1:20: NFS, iSCSI and NBD.").prefault({}),
  migration: trafficClass.describe("1:30: ports 16509 and 49152 to 49215.").prefault({}),
  filters: z.boolean().describe("Without them everything is in 1:10.").default(true),
  competing: z.boolean().describe("Traffic in class 1:10 during the second half of the legs.").default(false),
});

const fault = z.strictObject({
  do: z
    .enum(["block-rpc", "block-data", "kill-libvirtd"])
    .describe("Close 16509, close 49152 to 49215 again after they were opened, or end libvirtd (it is started again)."),
  on: z
    .enum(["source", "target"])
    .describe("Of the migrations of the leg. A port is closed where it is reached.")
    .default("target"),
  leg: z.int().min(1).max(1_000_000).describe("In this leg; without it in every one.").optional(),
  at: z
    .enum(["start", "half-way"])
    .describe("Before the leg's first migration, or once half of a guest's memory was sent.")
    .default("start"),
});

export const faults = z.array(fault);
export type Fault = z.infer<typeof fault>;
