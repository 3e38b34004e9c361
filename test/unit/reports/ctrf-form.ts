import assert from "node:assert/strict";
import { z } from "zod";

/**
 * The parts of CTRF's schema that we write, as it stands in its repository: nothing else is allowed outside of `extra`,
 * whose keys carry the name of the program.
 */
const count = z.int().min(0);
const extra = z.record(z.string().regex(/^migstorm\./), z.unknown());
const status = z.enum(["passed", "failed", "skipped", "pending", "other"]);

const form = z.strictObject({
  reportFormat: z.literal("CTRF"),
  specVersion: z.string().regex(/^[0-9]+\.[0-9]+\.[0-9]+$/),
  timestamp: z.iso.datetime(),
  generatedBy: z.string(),
  results: z.strictObject({
    tool: z.strictObject({ name: z.string().min(1), version: z.string() }),
    summary: z.strictObject({
      tests: count,
      passed: count,
      failed: count,
      skipped: count,
      pending: count,
      other: count,
      suites: count,
      start: count,
      stop: count,
      duration: count,
      extra,
    }),
    tests: z.array(
      z.strictObject({
        id: z.uuid({ version: "v5" }),
        name: z.string().min(1),
        status,
        duration: count,
        start: count.optional(),
        stop: count.optional(),
        suite: z.array(z.string()).min(1),
        message: z.string().optional(),
        trace: z.string().optional(),
        rawStatus: z.string(),
        tags: z.array(z.string()),
        extra,
      }),
    ),
    environment: z.strictObject({
      reportName: z.string(),
      testEnvironment: z.string(),
      healthy: z.boolean(),
      extra,
    }),
  }),
});

/** @throws AssertionError where it is no CTRF report, or where its counts are not those of its tests */
export function assertCtrf(report: unknown, what: string): void {
  const parsed = form.safeParse(report);
  assert.ok(parsed.success, `${what}: ${parsed.error === undefined ? "" : z.prettifyError(parsed.error)}`);
  const { summary, tests } = parsed.data.results;
  assert.equal(summary.tests, tests.length, what);
  for (const word of status.options)
    assert.equal(summary[word], tests.filter((test) => test.status === word).length, `${what}: ${word}`);
  for (const { start = 0, stop = 0 } of tests) assert.ok(stop >= start, what);
}
