import { z } from "zod";
import { duration, memorySize } from "./units.js";

/**
 * One value or a list of them; the rest of the code sees a list. Not `z.union`: when no branch fits, a union only says
 * "Invalid input", and the reader of a 40-line scenario deserves to be told which value and why.
 */
const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.preprocess((given) => (given === undefined || Array.isArray(given) ? given : [given]), z.array(value).min(1));

const guests = z.strictObject({
  /** How many guests migrate. */
  count: z.int().min(1).max(1000).default(1),
  /** Names of images of the inventory; several are spread over the guests in turn. */
  image: oneOrMore(z.string().regex(/^[A-Za-z0-9.-]+$/)).default(["tiny"]),
  vcpus: z.int().min(1).max(512).default(1),
  memory: memorySize.default(192),
  /** Cache mode of the guests' disks. */
  cache: z.enum(["none", "writethrough", "writeback", "directsync", "unsafe"]).default("none"),
});

const movement = z.strictObject({
  /** Who moves when: one by one, all at once, or both directions at once. */
  pattern: z.enum(["orderly", "simultaneous", "cross"]).default("orderly"),
  /** There and back, so many times. */
  rounds: z.int().min(1).max(1_000_000).default(1),
  /** Migrations at the same time in one leg, at most; without it all guests of a leg. Not for `orderly`. */
  concurrency: z.int().min(1).max(1000).optional(),
});

const migration = z.strictObject({
  mode: z.enum(["precopy", "postcopy"]).default("precopy"),
  /** Slow the guest's vCPUs down until the migration converges. */
  autoConverge: z.boolean().default(false),
  /** How long precopy may take before `timeoutAction` is taken (virsh --timeout). */
  timeout: duration.optional(),
  /** `suspend` the guest so that the rest can be copied, or switch to `postcopy`. */
  timeoutAction: z.enum(["suspend", "postcopy"]).default("suspend"),
  /** `direct`: virsh talks to both libvirtds; `p2p`: the source's libvirtd talks to the target's. */
  control: z.enum(["direct", "p2p"]).default("direct"),
  /** How the memory travels: QEMU to QEMU, inside libvirt's own connection, or QEMU to QEMU with TLS. */
  channel: z.enum(["native", "tunnelled", "tls"]).default("native"),
  /** MiB per second, at most. */
  bandwidthMiBps: z.int().min(1).optional(),
  /** Longest pause that libvirt may plan for (virsh migrate-setmaxdowntime). */
  maxDowntime: duration.optional(),
  /** Send differences of pages that were sent before (XBZRLE). */
  compression: z.enum(["xbzrle"]).optional(),
  /** Parallel connections (multifd). */
  connections: z.int().min(2).max(255).optional(),
});

const load = z.strictObject({
  /** Where it runs: in every migrating guest, on the host they start on, on the other one. */
  on: z.enum(["guests", "source", "target"]),
  tool: z.enum(["stress", "stress-ng"]),
  args: z.array(z.string()).min(1),
});

const limits = z.strictObject({
  /** Longest silence of a guest during a leg; beyond it the case is FAIL. */
  downtime: duration.default(30_000),
  /** Longest unsuspicious silence; beyond it the case is WARN. */
  warnDowntime: duration.optional(),
  /** Longest migration; beyond it the job on the source is aborted. Default: the timeout and five minutes. */
  totalTime: duration.optional(),
  /** From the start of a guest until its ssh answers. */
  boot: duration.default(300_000),
});

/** Everything that a case says about what is to be done. A scenario's base and variants are patches on this. */
export const paramsSchema = z.strictObject({
  guests: guests.prefault({}),
  movement: movement.prefault({}),
  migration: migration.prefault({}),
  load: z.array(load).default([]),
  limits: limits.prefault({}),
  expect: z
    .strictObject({
      /** What every migration of the case is to come to. */
      outcome: z.enum(["completed", "failed"]).default("completed"),
    })
    .prefault({}),
});

/** Durations in milliseconds, memory in MiB. */
export type Params = z.infer<typeof paramsSchema>;
export type Load = Params["load"][number];
export type MigrationOptions = Params["migration"];
export type Pattern = Params["movement"]["pattern"];
