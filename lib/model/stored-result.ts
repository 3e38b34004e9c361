import { z } from "zod";
import type { JobResult } from "./result.js";
import { STATUSES } from "./status.js";

const texts = z.array(z.string());
const number = z.number();
/** JSON has no word for a number that is none: it becomes null, and is no reason to refuse a whole night. */
const figure = number.nullable();

const migration = z.looseObject({
  guest: z.string(),
  leg: number,
  source: z.string(),
  target: z.string(),
  outcome: z.string(),
  stats: z.record(z.string(), figure).optional(),
  silence: z.looseObject({ longestMs: figure }).optional(),
});

const check = z.looseObject({
  check: z.string(),
  status: z.enum(STATUSES),
  message: z.string(),
  measured: z.record(z.string(), figure).optional(),
});

const caseResult = z.looseObject({
  case: z.looseObject({ id: z.string(), scenario: z.string(), params: z.looseObject({}) }),
  status: z.enum(STATUSES),
  reason: z.string().optional(),
  durationMs: number,
  checks: z.array(check),
  legs: z.array(z.looseObject({ number, moves: z.array(z.looseObject({ guest: z.string() })) })),
  migrations: z.array(migration),
  leftovers: texts,
});

const host = z.looseObject({
  host: z.string(),
  system: z.string(),
  libvirtVersion: z.string(),
  qemuVersion: z.string(),
  virtType: z.string(),
  hostUuid: z.string(),
  tools: texts,
  seLinux: z.string(),
  daemons: texts,
});

const jobResult = z.looseObject({
  jobId: z.string(),
  startedAt: z.iso.datetime(),
  seed: number,
  version: z.string(),
  argv: texts,
  profile: z.looseObject({ name: z.string(), scale: z.record(z.string(), z.looseObject({})) }).optional(),
  hosts: z.array(host),
  interrupted: z.boolean(),
  runner: z.looseObject({}).optional(),
  cases: z.array(caseResult),
});

/**
 * What was read of a job, if it has all that jobs are compared by: a job may be years old, or another program's.
 * @returns a sentence on what is wrong with it otherwise
 */
export function checkedResult(value: unknown): JobResult | string {
  const { success, error } = jobResult.safeParse(value);
  if (success) return value as JobResult;
  const [first] = error.issues;
  return `${first?.path.join(".") ?? ""}: ${first?.message ?? "not as it should be"}`;
}
