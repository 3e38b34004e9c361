import type { CheckResult, Evidence } from "../../lib/model/check.js";
import { loadsOf } from "../../lib/model/loads.js";
import { everyOptions } from "../../lib/model/options-of-leg.js";
import type { Params } from "../../lib/model/params.js";
import { booting } from "./booting.js";
import { capture } from "./capture.js";
import { channel } from "./channel.js";
import { type Check, runCheck } from "./check.js";
import { classes } from "./classes.js";
import { compression } from "./compression.js";
import { daemonCpu } from "./daemon-cpu.js";
import { disks } from "./disks.js";
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
  { name: "disks", check: disks, applies: hasVolumes },
  { name: "guest-kernel-log", check: guestKernelLog, applies: always },
  { name: "host-kernel-log", check: hostKernelLog, applies: always },
  { name: "load", check: load, applies: (params) => loadsOf(params).length > 0 },
  { name: "memory", check: memory, applies: stressesHost },
  { name: "booting", check: booting, applies: ({ booting: { besides, migrating } }) => besides > 0 || migrating },
  { name: "statistics", check: statistics, applies: mustComplete },
  { name: "compression", check: compression, applies: (params) => mustComplete(params) && isCompressed(params) },
  { name: "mode", check: mode, applies: (params) => mustComplete(params) && maySwitch(params) },
  { name: "suspended", check: suspended, applies: maySuspend },
  { name: "channel", check: channel, applies: (params) => mustComplete(params) && params.probes.path },
  { name: "capture", check: capture, applies: ({ probes }) => probes.path },
  { name: "classes", check: classes, applies: (params) => mustComplete(params) && params.classes.on !== undefined },
  { name: "daemon-cpu", check: daemonCpu, applies: (params) => mustComplete(params) && comparesCpu(params) },
  { name: "overlap", check: overlap, applies: isParallel },
  { name: "residue", check: residue, applies: always },
];

/**
 * Judges a finished case with every check that applies to it; those that are to say FAIL are turned around. What is left on
 * hosts that were kept as they are is not asked.
 */
export function judge(evidence: Evidence): CheckResult[] {
  const { params } = evidence.case;
  const isAsked = (name: string): boolean => !evidence.areHostsKept || name !== "residue";
  const applying = CHECKS.filter(({ name, applies }) => isAsked(name) && applies(params));
  const isRed = (name: string): boolean => params.expect.red.includes(name);
  return [
    ...applying.map(({ name, check }) => {
      const result = runCheck(name, check, evidence);
      return isRed(name) ? turnedAround(result, params.expect.redSays) : result;
    }),
    ...params.expect.red
      .filter((name) => isAsked(name) && !applying.some((one) => one.name === name))
      .map(
        (check): CheckResult => ({ check, status: "ERROR", message: "was to say FAIL, and does not judge this case" }),
      ),
  ];
}

/**
 * What a case shows that breaks what a check guards: FAIL is right then, for the reason that is meant, and anything better is
 * wrong. ERROR says neither.
 */
function turnedAround(result: CheckResult, words: string | undefined): CheckResult {
  const { status, message } = result;
  if (status === "ERROR") return result;
  if (status === "FAIL" && words !== undefined && !message.includes(words))
    return { ...result, message: `says FAIL, as it is to, and not "${words}": ${message}` };
  return status === "FAIL"
    ? { ...result, status: "PASS", message: `says FAIL, as it is to: ${message}` }
    : { ...result, status: "FAIL", message: `was to say FAIL and says ${status}: ${message}` };
}

function mustComplete({ expect }: Params): boolean {
  return expect.outcome !== "failed";
}

/** A guest that is reset before every leg neither answers in it nor keeps its boot id: `booting` says what is asked of it. */
function isUp({ booting: { migrating } }: Params): boolean {
  return !migrating;
}

/** Nothing is written to the linked clone of an image when that is all that a guest has. */
function hasVolumes({ guests }: Params): boolean {
  return guests.disks.length > 0 || guests.boot === "volume";
}

function stressesHost(params: Params): boolean {
  return loadsOf(params).some(({ on }) => on !== "guests");
}

function isCompressed({ migration: { compression: method } }: Params): boolean {
  return method !== undefined;
}

function maySwitch({ migration: { mode: how } }: Params): boolean {
  return how === "postcopy";
}

function comparesCpu({ expect: { cpuRatio } }: Params): boolean {
  return cpuRatio !== undefined;
}

/** The timeout may be one that the guests bring along. */
function maySuspend(params: Params): boolean {
  return everyOptions(params).some(
    ({ timeout, timeoutAction }) => timeout !== undefined && timeoutAction === "suspend",
  );
}

/** One guest alone, or one at a time, cannot overlap with anything. */
function isParallel({ movement, guests }: Params): boolean {
  return movement.pattern !== "orderly" && guests.count >= 2 && (movement.concurrency ?? guests.count) >= 2;
}
