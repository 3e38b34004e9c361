import { z } from "zod";
import { STATUSES } from "./status.js";

/** Changes with every change that could break a receiver; a new key does not. */
export const NOTIFICATION_SCHEMA = "migstorm-notification/1";

const count = z.number();
const text = z.string();
const time = z.iso.datetime();

/** What is posted to a webhook. Every text in it is one line without controls, and foreign; all of it is bounded. */
export const notificationSchema = z.object({
  text: text.describe(
    "For people: what Slack, Mattermost and the like show. Lines; nothing in it is a link or a mention.",
  ),
  schema: z.literal(NOTIFICATION_SCHEMA),
  event: z
    .enum(["first-failure", "end", "killed", "test"])
    .describe(
      "first-failure: a case came to FAIL or ERROR, and none before. end: the job is over, also after Ctrl-C and when it could not do its work. killed: its runner ended without a word; where `notify DIR` tells it, the log has no end, and the job may still run. test: `notify --test`.",
    ),
  at: time.describe("When it was written, ISO 8601 UTC."),
  job: z
    .object({
      id: text,
      kind: z.enum(["job", "soak"]),
      runner: text.describe("Machine that the runner is on."),
      folder: text.describe("Results, on that machine."),
      startedAt: time,
      version: text.describe("Of migstorm."),
      passes: count.describe("Of a soak: begun so far.").exactOptional(),
    })
    .exactOptional(),
  hosts: z.array(z.object({ host: text, system: text, libvirt: text, qemu: text })).describe("At most 2."),
  planned: count.describe("Cases of the job; of a soak, of each pass."),
  counts: z
    .object(Object.fromEntries(STATUSES.map((name) => [name, count])) as Record<(typeof STATUSES)[number], z.ZodNumber>)
    .describe("Verdicts so far; of a soak, of all passes."),
  failed: z.array(text).describe("Ids of cases that came to FAIL or ERROR, the first 10."),
  failedCount: count.describe("How many did; of a soak, a case counts once a pass."),
  firstFailure: z
    .object({
      caseId: text,
      status: z.enum(STATUSES),
      check: text.describe("That judged; absent: the case broke off, or left something on a host.").exactOptional(),
      reason: text,
      signature: text.describe("The same for the same fault in two jobs."),
    })
    .exactOptional(),
  underWay: z
    .object({ caseId: text, step: text.exactOptional(), since: time })
    .describe("Case that was running; of killed.")
    .exactOptional(),
  leftovers: z.array(text).describe("Changes of hosts that could not be taken back, the first 5; `recover` does that."),
  interrupted: z.boolean().describe("Somebody stopped it; of end.").exactOptional(),
  exitCode: count.describe("Of the program; of end.").exactOptional(),
  problem: text.describe("Why the job could not do its work, or why the soak ended.").exactOptional(),
  recover: text.describe("Command that puts the hosts back, where that may be needed.").exactOptional(),
});

export type Notification = z.infer<typeof notificationSchema>;
