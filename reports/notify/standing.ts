import type { Event } from "../../lib/model/event.js";
import type { Notification } from "../../lib/model/notification.js";
import type { HostFacts, JobResult } from "../../lib/model/result.js";
import { STATUSES, type Status } from "../../lib/model/status.js";
import { shortText } from "../short-text.js";
import { failureOf, signatureOf } from "../signature.js";
import { countByStatus, guestsOf, type Verdict } from "../summary.js";

/** How a job stands, as far as people elsewhere are told. Plain data of bounded size; its texts are foreign. */
export type Standing = Pick<
  Notification,
  "hosts" | "planned" | "counts" | "failed" | "failedCount" | "firstFailure" | "underWay" | "leftovers"
> & {
  /** Jobs that were begun: passes, of a soak. */
  readonly begun: number;
};

const MOST_HOSTS = 2;
const MOST_FAILED = 10;
const MOST_LEFT = 5;
const NAME_LIMIT = 200;
const VERSION_LIMIT = 80;
const REASON_LIMIT = 400;

/** What the exit code calls a failure: somebody who stops a job has been told by that. */
const FAILURES: ReadonlySet<Status> = new Set(["FAIL", "ERROR"]);

/** A log may have been damaged: a line that is not as migstorm writes it tells nothing. */
const isWhole = (event: Event): boolean =>
  event.type !== "case-ended" || (typeof event.result?.case?.id === "string" && STATUSES.includes(event.result.status));

export const isFailure = ({ status }: Pick<Verdict, "status">): boolean => FAILURES.has(status);

type CaseStanding = Pick<Verdict, "case" | "status">;

/** Takes a job, or the passes of a soak one after another; `now` may be asked at any time. */
export interface StandingFold {
  readonly plan: (plan: { readonly hosts: readonly HostFacts[]; readonly plans: readonly unknown[] }) => void;
  readonly take: (event: Event) => void;
  /** The verdicts of the job that has just ended, also of cases that never started. */
  readonly result: (cases: readonly CaseStanding[], leftovers: readonly string[]) => void;
  readonly now: () => Standing;
}

export function standingFold(): StandingFold {
  const verdicts = new Map<string, Status>();
  const failed = new Set<string>();
  const before = countByStatus([]) as Record<Status, number>;
  let jobId: string | undefined;
  let rest: Pick<Standing, "hosts" | "planned" | "firstFailure" | "underWay" | "leftovers" | "begun"> = {
    ...{ hosts: [], planned: 0, leftovers: [], begun: 0 },
  };

  const countNow = (): Record<Status, number> => {
    const now = countByStatus([...verdicts.values()].map((status) => ({ status })));
    return Object.fromEntries(STATUSES.map((status) => [status, before[status] + now[status]])) as typeof before;
  };
  const beginJob = (id: string): void => {
    // Before a job goes on, its hosts have been put back.
    const { underWay: _, ...others } = rest;
    rest = { ...others, leftovers: [] };
    if (id === jobId) return;
    Object.assign(before, countNow());
    verdicts.clear();
    jobId = id;
    rest = { ...rest, begun: rest.begun + 1 };
  };
  const judge = (result: Verdict): void => {
    verdicts.set(result.case.id, result.status);
    const { underWay: _, ...others } = rest;
    rest = { ...others, leftovers: moreLeft(rest.leftovers, result.leftovers) };
    if (!isFailure(result)) return;
    if (failed.size < MOST_FAILED) failed.add(nameOf(result.case.id));
    rest = { firstFailure: firstFailure(result, rest.hosts), ...rest };
  };
  return {
    plan: ({ hosts, plans }) => {
      rest = { ...rest, hosts: hosts.slice(0, MOST_HOSTS).map(hostOf), planned: plans.length };
    },
    take: (event) => {
      if (!isWhole(event)) return;
      if (event.type === "job-started") beginJob(event.jobId);
      if (event.type === "case-started") {
        verdicts.delete(event.caseId);
        rest = { ...rest, underWay: { caseId: nameOf(event.caseId), since: nameOf(event.at) } };
      }
      if (event.type === "step-started" && rest.underWay !== undefined)
        rest = { ...rest, underWay: { ...rest.underWay, step: nameOf(event.step) } };
      if (event.type === "case-ended") judge(event.result);
    },
    result: (cases, leftovers) => {
      for (const result of cases) verdicts.set(result.case.id, result.status);
      rest = { ...rest, leftovers: moreLeft(rest.leftovers, leftovers) };
    },
    now: () => {
      const counts = countNow();
      return { ...rest, counts, failed: [...failed], failedCount: counts.FAIL + counts.ERROR };
    },
  };
}

const nameOf = (text: string): string => shortText(text, NAME_LIMIT);
const versionOf = (text: string): string => shortText(text, VERSION_LIMIT);
const moreLeft = (before: readonly string[], left: readonly string[]): string[] =>
  [...before, ...left.map(nameOf)].slice(0, MOST_LEFT);

const hostOf = ({ host, system, libvirtVersion, qemuVersion }: HostFacts): Standing["hosts"][number] => ({
  ...{ host: versionOf(host), system: versionOf(system) },
  ...{ libvirt: versionOf(libvirtVersion), qemu: versionOf(qemuVersion) },
});

function firstFailure(result: Verdict & Partial<Pick<JobResult["cases"][number], "legs">>, hosts: Standing["hosts"]) {
  const failure = failureOf(result) ?? { status: result.status, message: "" };
  const guests = guestsOf({ legs: result.legs ?? [], migrations: [] });
  return {
    caseId: nameOf(result.case.id),
    status: failure.status,
    ...(failure.check === undefined ? {} : { check: nameOf(failure.check) }),
    reason: shortText(failure.message, REASON_LIMIT),
    signature: shortText(signatureOf(failure, [...guests, ...hosts.map(({ host }) => host)]), REASON_LIMIT),
  };
}
