import { messageOf } from "../../lib/errors.js";
import type { Places } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import { until } from "../../lib/poll.js";
import { hasBegun } from "../../lib/transport/detached.js";
import { type CaseContext, hostOf } from "./context.js";
import type { MigrationEnd } from "./migrate.js";
import { askPlaces, placesOf } from "./places.js";

const SETTLE_MS = 60_000;

/**
 * Settles a migration whose answer was lost by asking both hosts, until one of them alone has the guest running. Running
 * on both, or on none, stays `unknown`: it is never rounded to an end. A guest still on the source has failed to move only
 * where there is a trace that virsh began: without one nothing was tried, and that is not libvirt's fault.
 * @param dir folder of the detached virsh on the source
 */
export async function settle(ctx: CaseContext, move: Move, dir: string, reason: string): Promise<MigrationEnd> {
  let seen = "neither host has answered";
  const ask = async (): Promise<MigrationEnd | undefined> => {
    const places = placesOf(await askPlaces(ctx), move);
    seen = `${places.source} on ${move.from}, ${places.target} on ${move.to}`;
    const error = `the answer was lost (${reason}); found ${seen}`;
    if (completed(places)) return { outcome: "completed", error };
    if (!stayed(places)) return undefined;
    const { exitCode } = await hostOf(ctx, move.from).remote.run(hasBegun(dir));
    if (exitCode === 0) return { outcome: "failed", error };
    return exitCode === 1 ? { outcome: "not-started", error: `${error}, nothing shows that virsh began` } : undefined;
  };
  try {
    return await until(() => ask().catch(() => undefined), {
      everyMs: 500,
      timeoutMs: SETTLE_MS,
      what: `${move.guest} to be on one host`,
    });
  } catch (error) {
    return { outcome: "unknown", error: `the answer was lost (${reason}); ${seen}; ${messageOf(error)}` };
  }
}

const gone = (state: Places["source"]): boolean => state === "absent" || state === "shut off";
const completed = ({ source, target }: Places): boolean => target === "running" && gone(source);
/** Paused on the target beside running on the source is a migration that still goes on. */
const stayed = ({ source, target }: Places): boolean => source === "running" && gone(target);
