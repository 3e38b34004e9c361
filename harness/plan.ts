import { createHash } from "node:crypto";
import type { Case } from "../lib/model/case.js";
import type { Inventory } from "../lib/model/inventory.js";
import { loadsOf } from "../lib/model/loads.js";
import type { Params } from "../lib/model/params.js";
import type { Move, Plan, PlannedGuest, Step } from "../lib/model/plan.js";
import type { HostFacts } from "../lib/model/result.js";
import { guestsOf, ipv4, poolSize, unmet } from "./requirements.js";

export interface PlanInput {
  readonly inventory: Inventory;
  /** Source first, then target; what was learnt about them. */
  readonly hosts: readonly [HostFacts, HostFacts];
  /** Seven characters that tell jobs apart: they are in the name of every guest. */
  readonly jobKey: string;
}

/** Binds cases to hosts, guests and addresses, or says why one cannot run here. Pure; nothing is touched. */
export const makePlans = (cases: readonly Case[], input: PlanInput): Plan[] =>
  cases.map((testCase, index) => makePlan(testCase, index, input));

function makePlan(testCase: Case, index: number, { inventory, hosts, jobKey }: PlanInput): Plan {
  const reasons = unmet(testCase, inventory, hosts);
  if (reasons.length > 0) return { verdict: "skip", case: testCase, reason: reasons.join("; ") };

  const names = [hosts[0].host, hosts[1].host] as const;
  const prefix = `ms-${jobKey}-${String(index + 1).padStart(3, "0")}`;
  const all = planGuests(testCase.params, inventory, names, prefix, index);
  const guests = all.slice(0, testCase.params.guests.count);
  const booters = all.slice(guests.length);
  const steps = planSteps(testCase.params, names, guests);
  return { verdict: "run", case: testCase, hosts: names, guests, booters, steps };
}

/** Those that migrate, then those that only boot, which stand on both hosts in turn. */
function planGuests(
  params: Params,
  { images, network }: Inventory,
  hosts: readonly [string, string],
  prefix: string,
  caseIndex: number,
): PlannedGuest[] {
  const { guests, movement } = params;
  const length = guestsOf(params);
  return Array.from({ length }, (_, index) => {
    const boots = index - guests.count;
    const name = boots < 0 ? `${prefix}-g${index + 1}` : `${prefix}-b${boots + 1}`;
    const image = guests.image[index % guests.image.length] ?? "";
    const onTarget = boots < 0 ? movement.pattern === "cross" && index % 2 === 1 : boots % 2 === 1;
    return {
      name,
      image,
      host: onTarget ? hosts[1] : hosts[0],
      mac: macOf(name),
      ...(images[image]?.disk === undefined ? {} : { disk: `${name}.qcow2` }),
      ...(network.addressing === "static" && network.pool !== undefined
        ? { address: addressFrom(network.pool, prefix, caseIndex * length + index) }
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
 * another MAC would be looked for at the old one until the neighbours forget it.
 */
function addressFrom(pool: string, prefix: string, index: number): string {
  const [first = "", length = ""] = pool.split("/");
  const job = prefix.replace(/-\d+$/, "");
  const start = Number.parseInt(createHash("sha256").update(job).digest("hex").slice(0, 8), 16);
  const value = ipv4(first) + ((start + index) % poolSize(pool));
  return `${[24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".")}/${length}`;
}

const SHORT_STEP_MS = 120_000;
const DEFAULT_PRECOPY_LIMIT_MS = 1_800_000;
const GRACE_MS = 300_000;

/** Longest time one migration may take before the harness aborts it, milliseconds. */
export const migrationLimitMs = ({ limits, migration }: Params): number =>
  limits.totalTime ?? (migration.timeout ?? DEFAULT_PRECOPY_LIMIT_MS) + GRACE_MS;

function planSteps(params: Params, hosts: readonly [string, string], guests: readonly PlannedGuest[]): Step[] {
  const bootMs = params.limits.boot + SHORT_STEP_MS;
  return [
    { kind: "inspect-hosts", name: "inspect hosts", deadlineMs: SHORT_STEP_MS },
    { kind: "prepare-hosts", name: "prepare hosts", deadlineMs: SHORT_STEP_MS },
    { kind: "start-guests", name: `start ${guestsOf(params)} guests`, deadlineMs: bootMs },
    ...(loadsOf(params).length + params.booting.besides === 0
      ? []
      : [{ kind: "start-load", name: "start load", deadlineMs: SHORT_STEP_MS } as const]),
    { kind: "evidence-before", name: "evidence before", deadlineMs: SHORT_STEP_MS },
    ...planLegs(params, hosts, guests),
    // A guest that keeps booting has to come up once more, or nothing shows that it was not simply dead.
    {
      kind: "evidence-after",
      name: "evidence after",
      deadlineMs: SHORT_STEP_MS + (params.booting.besides === 0 ? 0 : params.limits.boot),
    },
  ];
}

function planLegs(params: Params, hosts: readonly [string, string], guests: readonly PlannedGuest[]): Step[] {
  const { pattern, rounds, concurrency } = params.movement;
  const width = pattern === "orderly" ? 1 : Math.min(concurrency ?? guests.length, guests.length);
  const legs = rounds * 2;
  const bootMs = params.booting.migrating ? params.limits.boot : 0;
  const deadlineMs = Math.ceil(guests.length / width) * migrationLimitMs(params) + SHORT_STEP_MS + bootMs;
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
