import { z } from "zod";
import { keptSchema } from "./kept-schema.js";
import { DOMAIN_STATES } from "./migration.js";
import { type Params, paramsSchema } from "./params.js";
import { pathSchema } from "./path-schema.js";
import { resolvedSchema } from "./resolved-schema.js";
import { STATUSES } from "./status.js";

/** Changes with every change that could break a reader of `results.json`; a new key does not. */
export const RESULTS_SCHEMA = "migstorm-results/1";

const ms = z.number().describe("Milliseconds.");
const sinceStart = z.number().describe("Milliseconds since the job started.");
const texts = z.array(z.string());
const status = z.enum(STATUSES);

const caseSchema = z.object({
  id: z.string().describe("Stable: the same YAML gives the same id on every machine. Also the name of its folder."),
  scenario: z.string(),
  variants: texts.describe("Names of the chosen variants, coarse to fine."),
  tags: texts,
  testIds: texts.describe("Ids of the tests in the documents that the scenario comes from."),
  params: (resolvedSchema(paramsSchema) as z.ZodType<Params>).describe("Everything that was asked for."),
});

const checkSchema = z.object({
  check: z.string(),
  status: z
    .enum(["PASS", "WARN", "FAIL", "ERROR"])
    .describe("FAIL and WARN say something about the system under test; ERROR says that the check could not tell."),
  message: z.string(),
  measured: z
    .record(z.string(), z.number())
    .describe("The numbers behind the verdict, each named with its unit.")
    .exactOptional(),
  lines: z
    .array(z.object({ place: z.string().describe("Guest or host."), line: z.number().describe("From 1.") }))
    .describe("Lines of kernel logs, among those that were added while the case ran.")
    .exactOptional(),
});

const legSchema = z.object({
  number: z.number().describe("From 1."),
  moves: z.array(z.object({ guest: z.string(), from: z.string(), to: z.string() })),
  width: z.number().describe("Migrations at the same time, at most."),
  startMs: sinceStart,
  endMs: sinceStart,
});

const domainState = z.enum([...DOMAIN_STATES, "absent"]);
const places = z.object({ source: domainState, target: domainState });
const figure = z.number().exactOptional();

const statsSchema = z
  .object({
    totalTimeMs: figure,
    reportedDowntimeMs: figure,
    setupTimeMs: figure,
    dataProcessedBytes: figure,
    dataRemainingBytes: figure,
    dataTotalBytes: figure,
    memoryProcessedBytes: figure,
    memoryRemainingBytes: figure,
    memoryTotalBytes: figure,
    memoryBytesPerSecond: figure,
    iterations: figure,
    dirtyPagesPerSecond: figure,
    pageSizeBytes: figure,
    postcopyRequests: figure,
    autoConvergeThrottlePercent: figure,
    compressionCacheBytes: figure,
    compressionBytes: figure,
    compressionPages: figure,
    compressionCacheMisses: figure,
  })
  .describe("libvirt's own figures. An absent number was not measured; it is not zero.");

const silenceSchema = z
  .object({
    longestMs: z.number().describe("Longest gap between two answers."),
    intervalMs: ms,
    sent: z.number(),
    received: z.number(),
    duplicates: z.number().describe("Answers that came twice: two machines with one address."),
    answeredAfter: z.boolean(),
  })
  .describe("What an onlooker saw of the guest.");

const migrationSchema = z.object({
  guest: z.string(),
  leg: z.number().describe("Leg it belongs to, from 1."),
  source: z.string(),
  target: z.string(),
  outcome: z
    .enum(["completed", "failed", "aborted", "unknown", "not-started"])
    .describe("unknown: the answer was lost, and asking both hosts did not settle it."),
  error: z.string().exactOptional(),
  command: texts.describe("The exact argument list.").exactOptional(),
  startMs: sinceStart.exactOptional(),
  endMs: sinceStart.exactOptional(),
  before: places.exactOptional(),
  after: places.exactOptional(),
  stats: statsSchema.exactOptional(),
  silence: silenceSchema.exactOptional(),
});

const settingOrigin = z.enum(["flavor", "metadata", "image"]);
const passed = z.array(z.object({ origin: settingOrigin, value: z.string().describe("As it was written.") }));
const settingsSchema = z.object({
  leg: z.number().describe("From 1."),
  guest: z.string(),
  metadata: z.record(z.string(), z.string()).describe("As it stood in the guest's definition before this migration."),
  entries: z.array(
    z.object({
      setting: z.enum(["tunnel", "autoConverge", "maxDowntimeMs", "timeoutS"]),
      value: z.union([z.boolean(), z.number()]).describe("A timeout of 0 is none."),
      origin: z.enum([...settingOrigin.options, "default"]),
      overrides: passed.describe("Who says it too, and gave way."),
      ignored: passed.describe("Who has no say in it, and what cannot be read."),
      written: z.string().describe("What was written, where a limit made something else of it.").exactOptional(),
    }),
  ),
  notUsed: texts.describe("Names there that are none of these settings."),
});

const phaseSchema = z.object({
  name: z.string(),
  startMs: sinceStart,
  durationMs: ms,
  note: z.string().exactOptional().describe("Why it went as it did, where the plan could not know."),
  error: z.string().exactOptional(),
});

const commandSchema = z.object({
  host: z.string(),
  argv: texts.describe("The exact argument list."),
  what: z.string().describe("Why, where it changes the host; absent for questions.").exactOptional(),
  input: z.string().describe("What it was given to read; absent: nothing, or more than is kept.").exactOptional(),
  lostInputBytes: z.number().describe("How large an input was that is not kept.").exactOptional(),
  exitCode: z.number().describe("Absent when the answer was lost.").exactOptional(),
  stderr: z.string().describe("The end of what it printed there.").exactOptional(),
  startMs: sinceStart,
  durationMs: ms,
});

const caseResultSchema = z.object({
  case: caseSchema,
  status,
  reason: z
    .string()
    .describe("Why it was skipped, cancelled, interrupted or broke; absent when the checks speak.")
    .exactOptional(),
  durationMs: z.number().describe("Milliseconds, restore included."),
  checks: z.array(checkSchema),
  legs: z.array(legSchema),
  migrations: z.array(migrationSchema),
  settings: z
    .array(settingsSchema)
    .describe("Of instances: what each migration had, and why; absent where the guests are none.")
    .exactOptional(),
  path: z.array(pathSchema).exactOptional(),
  phases: z.array(phaseSchema),
  commands: z.array(commandSchema),
  leftovers: texts.describe("Host changes that could not be taken back. Empty on a clean run."),
  kept: keptSchema.exactOptional(),
});

const hostSchema = z.object({
  host: z.string(),
  system: z.string(),
  libvirtVersion: z.string(),
  qemuVersion: z.string(),
  virtType: z.enum(["kvm", "qemu"]),
  hostUuid: z.string(),
  freeMemoryMiB: z.number(),
  hasVirtInstall: z.boolean(),
  tools: texts,
  seLinux: z.enum(["enforcing", "permissive", "absent"]),
  daemons: texts,
});

const written = z.union([z.number(), z.string()]);
const writtenScale = z.record(
  z.string(),
  z.object({
    set: written.exactOptional(),
    times: z.number().exactOptional(),
    atLeast: written.exactOptional(),
    atMost: written.exactOptional(),
  }),
);
const words = z.union([z.string(), texts]).exactOptional();
const writtenProfileSchema = z
  .object({
    name: z.string(),
    summary: z.string(),
    scale: writtenScale,
    rules: z
      .array(
        z.object({
          when: z.object({ variants: words, tags: words, without: words }),
          scale: writtenScale.exactOptional(),
          choose: z.record(z.string(), z.string()).exactOptional(),
        }),
      )
      .exactOptional(),
  })
  .describe("How the cases were scaled, as it was written; absent when they ran as they were written.");

/** A job as reports are made of it: `JobResult`, key by key; a test keeps the two equal. */
export const jobResultSchema = z.object({
  jobId: z.string(),
  startedAt: z.iso.datetime().describe("ISO 8601 UTC."),
  seed: z.number().describe("Of every random choice, for --seed."),
  version: z.string().describe("Of migstorm."),
  argv: texts,
  profile: writtenProfileSchema.exactOptional(),
  hosts: z.array(hostSchema).describe("What was learnt about each host when the job began."),
  durationMs: z.number().describe("Milliseconds; up to the last event when the job was cut off."),
  interrupted: z.boolean().describe("Ctrl-C, or the end of the runner."),
  leftovers: texts.describe("Host changes of the job itself that could not be taken back."),
  runner: z
    .object({ cpuS: z.number().describe("CPU seconds."), peakMiB: z.number() })
    .describe("What the runner itself took; absent when the job was cut off.")
    .exactOptional(),
  cases: z.array(caseResultSchema).describe("One for every planned case, also for those that never started."),
});

/** `results.json`. */
export const resultsFileSchema = z.object({
  schema: z.literal(RESULTS_SCHEMA),
  summary: z
    .object({ cases: z.number() })
    .extend(
      Object.fromEntries(STATUSES.map((name) => [name, z.number()])) as Record<(typeof STATUSES)[number], z.ZodNumber>,
    )
    .describe("How many cases came to each verdict."),
  ...jobResultSchema.shape,
});
