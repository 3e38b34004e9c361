import { z } from "zod";
import { guests } from "./guest-params.js";
import { classes, faults, probes } from "./probe-params.js";
import { duration, memorySize } from "./units.js";

const channel = z.enum(["native", "tunnelled", "tls"]);
const connections = z.int().min(2).max(255);

const movement = z.strictObject({
  pattern: z
    .enum(["orderly", "simultaneous", "cross"])
    .describe("Who moves when: one by one, all at once, or both directions at once.")
    .default("orderly"),
  rounds: z.int().min(1).max(1_000_000).describe("There and back, so many times.").default(1),
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .describe("Migrations at the same time in one leg, at most; without it all guests of a leg. Not for orderly.")
    .optional(),
  turns: z
    .array(
      z.strictObject({
        channel: channel.describe("How the memory travels.").optional(),
        connections: connections.describe("Parallel connections (multifd).").optional(),
      }),
    )
    .max(16)
    .describe("Rounds take these in turn: what one says takes the place of what migration says.")
    .default([]),
});

const migration = z.strictObject({
  mode: z.enum(["precopy", "postcopy"]).describe("How the memory is copied.").default("precopy"),
  autoConverge: z.boolean().describe("Slow the guest's vCPUs down until the migration converges.").default(false),
  timeout: duration
    .describe("How long precopy may take before timeoutAction is taken (virsh --timeout), e.g. 1800s.")
    .optional(),
  timeoutAction: z
    .enum(["suspend", "postcopy", "abort"])
    .describe(
      "At the timeout: suspend the guest so that the rest can be copied, switch to postcopy, or give the migration up.",
    )
    .default("suspend"),
  control: z
    .enum(["direct", "p2p"])
    .describe("direct: virsh talks to both libvirtds; p2p: the source's libvirtd talks to the target's.")
    .default("direct"),
  channel: channel
    .describe("How the memory travels: QEMU to QEMU, inside libvirt's own connection, or QEMU to QEMU with TLS.")
    .default("native"),
  bandwidthMiBps: z.int().min(1).describe("MiB per second, at most.").optional(),
  maxDowntime: duration
    .describe("Longest pause that QEMU may plan for (virsh migrate-setmaxdowntime), e.g. 300ms.")
    .optional(),
  compression: z.enum(["xbzrle"]).describe("Send differences of pages that were sent before.").optional(),
  connections: connections.describe("Parallel connections (multifd).").optional(),
  copyStorage: z
    .enum(["all", "inc"])
    .describe("Copy disks that are not shared: whole, or what lies above a common base.")
    .optional(),
});

const load = z.strictObject({
  on: z
    .enum(["guests", "source", "target"])
    .describe("Where it runs: in every migrating guest, on the host they start on, on the other one."),
  tool: z.enum(["stress", "stress-ng"]).describe("The program."),
  args: z.array(z.string()).min(1).describe('Its arguments, each a text of its own: [--cpu, "4"].'),
});

const stress = z.strictObject({
  tool: z.enum(["stress", "stress-ng"]).describe("The program; without it there is no such stress.").optional(),
  kind: z
    .enum(["cpu", "memory"])
    .describe("cpu: workers that compute; memory: workers that keep their memory and write to it.")
    .default("cpu"),
  workers: z.int().min(1).max(1024).describe("Workers at each place.").default(4),
  memory: memorySize.describe("What each memory worker keeps, where hostMemory does not say it.").default(128),
  duration: duration
    .describe("When the program ends by itself; legs that take longer make the case ERROR.")
    .default(3_600_000),
  guests: z.boolean().describe("In every migrating guest.").default(false),
  hosts: z
    .enum(["source", "target", "both"])
    .describe("On the host that most guests start on, on the other one, or on both.")
    .optional(),
  hostMemory: z
    .enum(["half", "short"])
    .describe(
      "Memory taken on the host: half of what the guests leave free there once they use all that they were given, or a little more than is free there when it starts. Memory workers share it; beside CPU workers others keep it.",
    )
    .optional(),
});

const booting = z.strictObject({
  besides: z
    .int()
    .min(0)
    .max(100)
    .describe("So many further guests keep booting, on both hosts in turn, while the others migrate.")
    .default(0),
  migrating: z
    .boolean()
    .describe("The guests are reset before every leg and leave while they still boot. Only for simultaneous.")
    .default(false),
});

const limits = z.strictObject({
  downtime: duration.describe("Longest silence of a guest during a leg; beyond it the case is FAIL.").default(30_000),
  warnDowntime: duration.describe("Longest unsuspicious silence; beyond it the case is WARN.").optional(),
  totalTime: duration
    .describe("Longest migration; beyond it the job on the source is aborted. Default: the timeout and five minutes.")
    .optional(),
  boot: duration.describe("From the start of a guest until its ssh answers.").default(300_000),
});

const expectation = z.strictObject({
  outcome: z
    .enum(["completed", "failed", "completed-or-timeout"])
    .describe(
      "What every migration of the case is to come to; completed-or-timeout: one that is given up at its timeout, and leaves its guest as it was, is WARN.",
    )
    .default("completed"),
  error: z.string().min(1).max(200).describe("Words that libvirt's error of each failed migration has.").optional(),
  channel: z
    .enum(["native", "tunnelled"])
    .describe("What the bytes on the ports are to prove; without it, what the migrations were told.")
    .optional(),
  cpuRatio: z
    .number()
    .positive()
    .max(1_000_000)
    .describe("CPU of libvirt's daemons per GiB, tunnelled over native, has to be more than this.")
    .optional(),
  red: z
    .array(z.string().regex(/^[a-z-]{1,40}$/))
    .describe("Checks that are to say FAIL: the case shows that they can.")
    .default([]),
  redSays: z
    .string()
    .min(1)
    .max(200)
    .describe("Words that each check of red has to say: FAIL for another reason shows nothing.")
    .optional(),
});

/** Everything that a case says about what is to be done. A scenario's base and variants are patches on this. */
export const paramsSchema = z.strictObject({
  guests: guests.describe("The guests that migrate.").prefault({}),
  movement: movement.describe("Who moves when, and how often.").prefault({}),
  migration: migration.describe("How each guest is migrated.").prefault({}),
  load: z.array(load).describe("Stress while the guests migrate. The entries of base and variants add up.").default([]),
  stress: stress
    .describe("Stress put together from a tool, a kind and places, each of which an axis may bring.")
    .prefault({}),
  booting: booting.describe("Guests that boot while others, or they themselves, migrate.").prefault({}),
  probes: probes.describe("What is gathered beside what always is.").prefault({}),
  classes: classes.describe("Traffic classes on the hosts.").prefault({}),
  faults: faults.describe("What is made to go wrong. The entries of base and variants add up.").default([]),
  limits: limits.describe("What the case tolerates.").prefault({}),
  expect: expectation.describe("What the case is to come to.").prefault({}),
});

/** Durations in milliseconds, memory in MiB. */
export type Params = z.infer<typeof paramsSchema>;
export type Load = Params["load"][number];
export type Stress = Params["stress"];
export type MigrationOptions = Params["migration"];
export type Pattern = Params["movement"]["pattern"];
