import type { Move } from "../../lib/model/plan.js";
import { contend } from "./contend.js";
import type { CaseContext } from "./context.js";
import { armFaults, faultsAtStart } from "./faults.js";
import { meterLeg } from "./leg-meter.js";

/** What goes on beside the migrations of a leg: what is made to go wrong, other traffic, what is read of the hosts. */
export interface Surroundings {
  /** To be called when the migrations are over; afterwards nothing of it goes on. Never rejects. */
  readonly end: () => Promise<void>;
  /** @throws Error when something was not made to go wrong that had to: then the case has not shown what its name says */
  readonly verify: () => Promise<void>;
}

/** Right before the first migration of a leg; its ports are open by then. */
export async function surround(
  ctx: CaseContext,
  leg: { readonly number: number; readonly moves: readonly Move[] },
  signal: AbortSignal,
): Promise<Surroundings> {
  await faultsAtStart(ctx, leg, signal);
  const endContention = await contend(ctx, leg, signal);
  const metered = await meterLeg(ctx, leg.number, endContention !== undefined);
  const faults = armFaults(ctx, leg, signal);
  return {
    end: async () => {
      faults.disarm();
      await metered();
      await Promise.allSettled([endContention?.(), faults.struck()]);
    },
    verify: faults.struck,
  };
}
