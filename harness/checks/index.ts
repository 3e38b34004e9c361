import type { CheckResult, Evidence } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import type { Params } from "../../lib/model/params.js";
import { booting } from "./booting.js";
import { type Check, runCheck } from "./check.js";
import { compression } from "./compression.js";
import { guestKernelLog } from "./guest-kernel-log.js";
import { hostKernelLog } from "./host-kernel-log.js";
import { load } from "./load.js";
import { memory } from "./memory.js";
import { mode } from "./mode.js";
import { outcome } from "./outcome.js";
import { overlap } from "./overlap.js";
import { place } from "./place.js";
import { reachable } from "./reachable.js";
import { residue } from "./residue.js";
import { silence } from "./silence.js";
import { singleActive } from "./single-active.js";
import { statistics } from "./statistics.js";
import { suspended } from "./suspended.js";
import { uptime } from "./uptime.js";

interface Entry {
  readonly name: string;
  readonly check: Check;
  /** Whether the case makes a promise that this check could judge. */
  readonly applies: (params: Params) => boolean;
}

const always = (): boolean => true;

/** Every check there is, in the order of the report. */
export const CHECKS: readonly Entry[] = [
  { name: "outcome", check: outcome, applies: always },
  { name: "place", check: place, applies: always },
  { name: "single-active", check: singleActive, applies: always },
  { name: "reachable", check: reachable, applies: always },
  { name: "silence", check: silence, applies: isUp },
  { name: "uptime", check: uptime, applies: isUp },
  { name: "guest-kernel-log", check: guestKernelLog, applies: always },
  { name: "host-kernel-log", check: hostKernelLog, applies: always },
  { name: "load", check: load, applies: (params) => loadsOf(params).length > 0 },
  { name: "memory", check: memory, applies: stressesHost },
  { name: "booting", check: booting, applies: ({ booting: { besides, migrating } }) => besides > 0 || migrating },
  { name: "statistics", check: statistics, applies: mustComplete },
  { name: "compression", check: compression, applies: (params) => mustComplete(params) && isCompressed(params) },
  { name: "mode", check: mode, applies: (params) => mustComplete(params) && maySwitch(params) },
  { name: "suspended", check: suspended, applies: maySuspend },
  { name: "overlap", check: overlap, applies: isParallel },
  { name: "residue", check: residue, applies: always },
];

/** Judges a finished case with every check that applies to it. */
export const judge = (evidence: Evidence): CheckResult[] =>
  CHECKS.filter(({ applies }) => applies(evidence.case.params)).map(({ name, check }) =>
    runCheck(name, check, evidence),
  );

function mustComplete({ expect }: Params): boolean {
  return expect.outcome === "completed";
}

/** A guest that is reset before every leg neither answers in it nor keeps its boot id: `booting` says what is asked of it. */
function isUp({ booting: { migrating } }: Params): boolean {
  return !migrating;
}

function stressesHost(params: Params): boolean {
  return loadsOf(params).some(({ on }) => on !== "guests");
}

function isCompressed({ migration: { compression: method } }: Params): boolean {
  return method !== undefined;
}

function maySwitch({ migration }: Params): boolean {
  return migration.mode === "postcopy" || (migration.timeout !== undefined && migration.timeoutAction === "postcopy");
}

function maySuspend({ migration }: Params): boolean {
  return migration.timeout !== undefined && migration.timeoutAction === "suspend";
}

/** One guest alone, or one at a time, cannot overlap with anything. */
function isParallel({ movement, guests }: Params): boolean {
  return movement.pattern !== "orderly" && guests.count >= 2 && (movement.concurrency ?? guests.count) >= 2;
}
