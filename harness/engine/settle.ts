import { messageOf } from "../../lib/errors.js";
import type { Places } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import { until } from "../../lib/poll.js";
import type { CaseContext } from "./context.js";
import type { MigrationEnd } from "./migrate.js";
import { askPlaces, placesOf } from "./places.js";

const SETTLE_MS = 60_000;

/**
 * Settles a migration whose answer was lost by asking both hosts, until one of them alone has the guest running. Running
 * on both, or on none, stays `unknown`: it is never rounded to an end.
 */
export async function settle(ctx: CaseContext, move: Move, reason: string): Promise<MigrationEnd> {
  let seen = "neither host has answered";
  const ask = async (): Promise<MigrationEnd | undefined> => {
    const places = placesOf(await askPlaces(ctx), move);
    seen = `${places.source} on ${move.from}, ${places.target} on ${move.to}`;
    return decided(places, `the answer was lost (${reason}); found ${seen}`);
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

/** Paused on the target beside running on the source is a migration that still goes on. */
function decided({ source, target }: Places, error: string): MigrationEnd | undefined {
  const gone = (state: Places["source"]): boolean => state === "absent" || state === "shut off";
  if (target === "running" && gone(source)) return { outcome: "completed", error };
  if (source === "running" && gone(target)) return { outcome: "failed", error };
  return undefined;
}
