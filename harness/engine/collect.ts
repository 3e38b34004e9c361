import { messageOf } from "../../lib/errors.js";
import { collection } from "../../lib/host/collection.js";
import type { CaseContext } from "./context.js";

/** What is named in full on a host; the guests of more would fill a disk. */
const MOST_GUESTS = 20;

/**
 * Has stored how both hosts look. Never rejects: of a host that does not answer that is stored, and what cannot be stored must
 * not keep a host from being put back.
 */
export async function collect(
  { hosts, plan, nowMs }: Pick<CaseContext, "hosts" | "plan" | "nowMs">,
  startMs: number,
  store: (host: string, text: string) => Promise<void>,
): Promise<void> {
  const guests = plan.guests.slice(0, MOST_GUESTS).map(({ name }) => name);
  await Promise.allSettled(
    [...hosts.values()].map(async ({ host, remote }) => {
      const text = await remote.run(collection(host.connectUri, guests, nowMs() - startMs)).then(
        ({ stdout }) => stdout,
        (error: unknown) => `nothing could be collected: ${messageOf(error)}\n`,
      );
      await store(host.name, text);
    }),
  );
}

/** Whether it shows before the checks that something is not as it should be, while the hosts still look like that. */
export const isOff = ({ state, plan }: Pick<CaseContext, "state" | "plan">): boolean =>
  state.migrations.some(({ outcome }) => outcome !== plan.case.params.expect.outcome);
