import { createHash } from "node:crypto";
import { INSTALL_LIMIT_MS } from "../lib/guest/install-tool.js";
import type { Case } from "../lib/model/case.js";
import type { Inventory } from "../lib/model/inventory.js";
import { loadsOf, toolsInGuests } from "../lib/model/loads.js";
import { everyOptions } from "../lib/model/options-of-leg.js";
import type { MigrationOptions, Params } from "../lib/model/params.js";
import type { Move, Plan, PlannedGuest, RunnablePlan, Step } from "../lib/model/plan.js";
import type { HostFacts } from "../lib/model/result.js";
import { guestsKey } from "./order.js";
import { planDisks } from "./plan-volumes.js";
import { guestsOf, ipv4, poolSize, unmet } from "./requirements.js";

export interface PlanInput {
  readonly inventory: Inventory;
  /** Source first, then target; what was learnt about them. */
  readonly hosts: readonly [HostFacts, HostFacts];
  /** Seven characters that tell jobs apart: they are in the name of every guest. */
  readonly jobKey: string;
  /** Every case boots guests of its own. */
  readonly fresh?: boolean;
}

/** Binds cases to hosts, guests and addresses, or says why one cannot run here. Pure; nothing is touched. */
export function makePlans(cases: readonly Case[], input: PlanInput): Plan[] {
  const plans: Plan[] = [];
  const stride = cases.reduce((most, { params }) => Math.max(most, guestsOf(params)), 1);
  let herd: Herd | undefined;
  for (const [index, testCase] of cases.entries()) {
    const reasons = unmet(testCase, input.inventory, input.hosts);
    if (reasons.length > 0) {
      plans.push({ verdict: "skip", case: testCase, reason: reasons.join("; ") });
      continue;
    }
    const key = guestsKey(testCase);
    if (herd === undefined || herd.key !== key || input.fresh === true)
      herd = { key, leader: testCase, place: { index, stride } };
    plans.push(makePlan(testCase, { index, stride }, herd, input));
  }
  return withSuccessors(plans);
}

/** Guests that cases which follow each other have in common. */
interface Herd {
  readonly key: string;
  /** The case they are booted for. */
  readonly leader: Case;
  readonly place: Place;
}

/** A case among the others, for names and addresses that nobody else has: `stride` is the most guests of any case. */
interface Place {
  readonly index: number;
  readonly stride: number;
}

function withSuccessors(plans: readonly Plan[]): Plan[] {
  const told: Plan[] = [];
  let next: string | undefined;
  for (const plan of plans.toReversed()) {
    told.push(plan.verdict === "run" ? { ...plan, leavesGuests: plan.herd === next } : plan);
    if (plan.verdict === "run") next = plan.herd;
  }
  return told.reverse();
}

function makePlan(testCase: Case, place: Place, herd: Herd, { inventory, hosts, jobKey }: PlanInput): RunnablePlan {
  const names = [hosts[0].host, hosts[1].host] as const;
  const all = (from: Place): PlannedGuest[] => planGuests(testCase.params, inventory, names, jobKey, from);
  const guests = all(herd.place).slice(0, testCase.params.guests.count);
  const booters = all(place).slice(guests.length);
  const isLed = herd.leader !== testCase;
  const steps = planSteps(testCase.params, inventory, hosts, guests, isLed ? herd.leader.id : undefined);
  return {
    ...{ verdict: "run", case: testCase, hosts: names, guests, booters, steps },
    ...{ herd: herd.leader.id, leavesGuests: false },
  };
}

/** Those that migrate, then those that only boot, which stand on both hosts in turn. */
function planGuests(
  params: Params,
  inventory: Inventory,
  hosts: readonly [string, string],
  jobKey: string,
  { index: caseIndex, stride }: Place,
): PlannedGuest[] {
  const prefix = `ms-${jobKey}-${String(caseIndex + 1).padStart(3, "0")}`;
  const { guests, movement } = params;
  const { images, network } = inventory;
  return Array.from({ length: guestsOf(params) }, (_, index) => {
    const boots = index - guests.count;
    const name = boots < 0 ? `${prefix}-g${index + 1}` : `${prefix}-b${boots + 1}`;
    const image = guests.image[index % guests.image.length] ?? "";
    const onTarget = boots < 0 ? movement.pattern === "cross" && index % 2 === 1 : boots % 2 === 1;
    return {
      name,
      image,
      host: onTarget ? hosts[1] : hosts[0],
      mac: macOf(name),
      // Nobody looks at the disks of a guest that only boots.
      ...planDisks(name, images[image], boots < 0 ? guests : { boot: "image", disks: [] }, inventory),
      ...(network.addressing === "static" && network.pool !== undefined
        ? { address: addressFrom(network.pool, jobKey, { index: caseIndex, stride }, index) }
        : {}),
    };
  });
}

/** In the range that QEMU and libvirt use; the same name always gives the same address. */
function macOf(name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
}

/**
 * Addresses go round the pool, starting at a place that depends on the job: an address that comes back at once with
 * another MAC would be looked for at the old one until the neighbours forget it. A case has whole blocks of the pool, so that
 * whoever boots in a later round of it never meets the guests of a herd, which have the first places of theirs.
 */
function addressFrom(pool: string, jobKey: string, { index: caseIndex, stride }: Place, guest: number): string {
  const [first = "", length = ""] = pool.split("/");
  const blocks = Math.max(1, Math.floor(poolSize(pool) / stride));
  const start = Number.parseInt(createHash("sha256").update(jobKey).digest("hex").slice(0, 8), 16);
  const value = ipv4(first) + ((start + caseIndex) % blocks) * stride + guest;
  return `${[24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".")}/${length}`;
}

const SHORT_STEP_MS = 120_000;
const DEFAULT_PRECOPY_LIMIT_MS = 1_800_000;
const GRACE_MS = 300_000;

/** Longest time one migration may take before the harness aborts it, milliseconds; of a case, that of its longest. */
export const migrationLimitMs = ({ limits }: Params, options: readonly MigrationOptions[]): number =>
  limits.totalTime ??
  Math.max(
    ...options.map(({ timeout, timeoutAction }) =>
      timeout !== undefined && timeoutAction === "abort" ? timeout : (timeout ?? DEFAULT_PRECOPY_LIMIT_MS) + GRACE_MS,
    ),
  );

function planSteps(
  params: Params,
  { images }: Inventory,
  hosts: readonly [HostFacts, HostFacts],
  guests: readonly PlannedGuest[],
  leader: string | undefined,
): Step[] {
  const bootMs = params.limits.boot + SHORT_STEP_MS;
  return [
    { kind: "inspect-hosts", name: "inspect hosts", deadlineMs: SHORT_STEP_MS },
    { kind: "prepare-hosts", name: "prepare hosts", deadlineMs: SHORT_STEP_MS },
    { kind: "start-guests", name: startName(params, leader), deadlineMs: bootMs },
    ...(loadsOf(params).length + params.booting.besides === 0
      ? []
      : [
          {
            kind: "start-load",
            name: "start load",
            deadlineMs: installMs(params, guests, images) + startLoadMs(params, hosts),
          } as const,
        ]),
    { kind: "evidence-before", name: "evidence before", deadlineMs: SHORT_STEP_MS },
    ...(isProbed(params) ? [{ kind: "start-probes", name: "start probes", deadlineMs: SHORT_STEP_MS } as const] : []),
    ...planLegs(params, [hosts[0].host, hosts[1].host], guests),
    // A guest that keeps booting has to come up once more, or nothing shows that it was not simply dead.
    {
      kind: "evidence-after",
      name: "evidence after",
      deadlineMs: SHORT_STEP_MS + (params.booting.besides === 0 ? 0 : params.limits.boot),
    },
  ];
}

/** Memory that was never used is given out page by page: slow where much of it is, or where the machine is emulated. */
const BEGIN = { leastMs: 60_000, perMiBMs: 10 };

/** How long a load is waited for to have its workers and to hold this much, at most: it ends by itself after its duration. */
export const beginMs = (memoryMiB: number, { stress }: Params): number =>
  BEGIN.leastMs + Math.min(memoryMiB * BEGIN.perMiBMs, stress.duration);

/** For what is done before a load can begin, and once more for what is done after it has. */
const AROUND_LOAD_MS = 60_000;

/**
 * What the step that starts load needs once load is not waited for any more, whether it has begun or not: guests that only boot
 * are met then, and reset.
 */
export const afterLoadMs = ({ limits, booting }: Params): number =>
  AROUND_LOAD_MS + (booting.besides > 0 ? limits.boot : 0);

/** Longer than any load is waited for: what it held by then is for the check to say, which it cannot if the step is given up. */
const startLoadMs = (params: Params, hosts: readonly [HostFacts, HostFacts]): number =>
  AROUND_LOAD_MS + beginMs(mostLoadMiB(params, hosts), params) + afterLoadMs(params);

/** What a load takes that is measured by its host is found out when it starts; what was free when the job began stands for it. */
function mostLoadMiB(params: Params, [source, target]: readonly [HostFacts, HostFacts]): number {
  const each = loadsOf(params).map(({ on, hostMemory, memoryMiB = 0 }) =>
    hostMemory === undefined ? memoryMiB : (on === "source" ? source : target).freeMemoryMiB,
  );
  return Math.max(0, ...each);
}

/** What installing the tools in guests whose image allows it may take: in each guest one after another. */
function installMs(params: Params, guests: readonly PlannedGuest[], images: Inventory["images"]): number {
  return guests.some(({ image }) => images[image]?.installTools) ? toolsInGuests(params).length * INSTALL_LIMIT_MS : 0;
}

/** Whether something is gathered beside what always is. */
const isProbed = ({ probes, classes }: Params): boolean => probes.path || probes.cpu || classes.on !== undefined;

function startName(params: Params, leader: string | undefined): string {
  const { guests, booting } = params;
  if (leader === undefined) return bootName(params);
  const also = booting.besides === 0 ? "" : `, start ${booting.besides}`;
  return `take over ${guests.count} guests of ${leader}${also}`;
}

/** The step that starts all guests of a case, also where others were to be taken over. */
export const bootName = (params: Params): string => `start ${guestsOf(params)} guests`;

function planLegs(params: Params, hosts: readonly [string, string], guests: readonly PlannedGuest[]): Step[] {
  const { pattern, rounds, concurrency } = params.movement;
  const width = pattern === "orderly" ? 1 : Math.min(concurrency ?? guests.length, guests.length);
  const legs = rounds * 2;
  const bootMs = params.booting.migrating ? params.limits.boot : 0;
  const deadlineMs =
    Math.ceil(guests.length / width) * migrationLimitMs(params, everyOptions(params)) + SHORT_STEP_MS + bootMs;
  return Array.from({ length: legs }, (_, index) => {
    const back = index % 2 === 1;
    const moves = guests.map(({ name, host }): Move => {
      const home = host;
      const away = host === hosts[0] ? hosts[1] : hosts[0];
      return back ? { guest: name, from: away, to: home } : { guest: name, from: home, to: away };
    });
    return {
      kind: "leg",
      number: index + 1,
      name: `leg ${index + 1} of ${legs} (${back ? "back" : "there"})`,
      moves,
      width,
      deadlineMs,
    };
  });
}
