import { createHash } from "node:crypto";
import type { CaseResult, HostFacts, JobResult } from "../lib/model/result.js";
import { STATUSES, type Status } from "../lib/model/status.js";
import { asciiControls } from "./json.js";
import { scaleTexts } from "./scale-text.js";
import { shortText } from "./short-text.js";
import { story } from "./story.js";
import { countByStatus, wentWrong, whyOf } from "./summary.js";

/** Version of the format's draft that this was written after (github.com/ctrf-io/ctrf, spec/ctrf.md). */
const SPEC_VERSION = "0.0.0";
const MESSAGE_LIMIT = 2_000;
const NAME_LIMIT = 255;

/**
 * What the format calls our verdicts; the verdict itself stands in `rawStatus`. It knows no word for "we cannot tell",
 * and `failed` would say that the system under test did wrong.
 */
const CTRF_STATUS: Readonly<Record<Status, "passed" | "failed" | "skipped" | "other">> = {
  PASS: "passed",
  WARN: "passed",
  SKIP: "skipped",
  CANCEL: "skipped",
  FAIL: "failed",
  ERROR: "other",
  INTERRUPTED: "other",
};

/** The job in the Common Test Report Format (ctrf.io): one test for each case, times in whole milliseconds. */
export function renderCtrf(job: JobResult): string {
  const stopMs = epochMs(job, job.durationMs);
  const report = {
    reportFormat: "CTRF",
    specVersion: SPEC_VERSION,
    timestamp: new Date(stopMs).toISOString(),
    generatedBy: "migstorm",
    results: {
      tool: { name: "migstorm", version: shown(job.version) },
      summary: summary(job, stopMs),
      tests: job.cases.map((result) => test(job, result)),
      environment: environment(job),
    },
  };
  return `${asciiControls(JSON.stringify(report, null, 2))}\n`;
}

function summary(job: JobResult, stopMs: number) {
  const counted = { passed: 0, failed: 0, skipped: 0, pending: 0, other: 0 };
  const byVerdict = countByStatus(job.cases);
  for (const status of STATUSES) counted[CTRF_STATUS[status]] += byVerdict[status];
  return {
    tests: job.cases.length,
    ...counted,
    suites: new Set(job.cases.map((result) => result.case.scenario)).size,
    start: epochMs(job, 0),
    stop: stopMs,
    duration: Math.round(job.durationMs),
    extra: { "migstorm.verdicts": byVerdict },
  };
}

function test(job: JobResult, result: CaseResult) {
  const { id, scenario, variants, tags, testIds } = result.case;
  const why = whyOf(result);
  return {
    id: uuidOf(`${scenario}\n${id}`),
    name: shown(id) || "(no name)",
    status: CTRF_STATUS[result.status],
    duration: Math.round(result.durationMs),
    ...times(job, result),
    suite: [shown(scenario)],
    ...(why === undefined ? {} : { message: shortText(why, MESSAGE_LIMIT) }),
    ...(wentWrong(result) ? { trace: story(result) } : {}),
    rawStatus: result.status,
    tags: tags.map(shown),
    extra: {
      "migstorm.case": {
        variants: variants.map(shown),
        testIds: testIds.map(shown),
        leftovers: result.leftovers.map(shown),
      },
    },
  };
}

/** Absent for a case of which nothing was begun. */
function times(job: JobResult, { phases }: CaseResult) {
  if (phases.length === 0) return {};
  return {
    start: epochMs(job, Math.min(...phases.map(({ startMs }) => startMs))),
    stop: epochMs(job, Math.max(...phases.map(({ startMs, durationMs }) => startMs + durationMs))),
  };
}

const environment = (job: JobResult) => ({
  reportName: shown(job.jobId),
  testEnvironment: job.hosts.map(({ host }) => shown(host)).join(", "),
  healthy: job.leftovers.length === 0 && !job.interrupted && !job.cases.some(wentWrong),
  extra: {
    "migstorm.job": {
      jobId: shown(job.jobId),
      seed: job.seed,
      argv: job.argv.map(shown),
      interrupted: job.interrupted,
      leftovers: job.leftovers.map(shown),
      ...(job.profile === undefined
        ? {}
        : { profile: shown(job.profile.name), profileScale: scaleTexts(job.profile).map(shown) }),
      hosts: job.hosts.map(hostText),
    },
  },
});

const hostText = ({ host, system, libvirtVersion, qemuVersion }: HostFacts): string =>
  shown(`${host}: ${system}, libvirt ${libvirtVersion}, QEMU ${qemuVersion}`);

/** Foreign text on one line that every reader may show. */
const shown = (text: string): string => shortText(text, NAME_LIMIT);

const epochMs = ({ startedAt }: JobResult, atMs: number): number => Math.round(Date.parse(startedAt) + atMs);

/** UUID of version 5, as the format recommends: the same case has the same one in every job and on every machine. */
function uuidOf(name: string): string {
  const namespace = Buffer.from("6d696773746f726d8063746672000001", "hex");
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
