import { allDone } from "../../lib/all-done.js";
import { CancelCase, HarnessError, messageOf } from "../../lib/errors.js";
import { installTool, whyNotInstalled } from "../../lib/guest/install-tool.js";
import { toolsInGuests } from "../../lib/model/loads.js";
import type { Remote } from "../../lib/transport/transport.js";
import type { CaseContext } from "./context.js";

/**
 * Sees to it that guests have the tools of the case's load where their image says that they may be given them; nothing is done
 * where they are there. One tool after another in each guest, since package managers keep each other off, and before any load
 * begins: one on a host would take the time and the memory that this needs.
 * @throws CancelCase where a tool cannot be had in a guest; HarnessError `unreachable`
 */
export async function installTools(
  { plan, inventory: { images }, state }: Pick<CaseContext, "plan" | "inventory" | "state">,
  signal: AbortSignal,
): Promise<void> {
  const tools = toolsInGuests(plan.case.params);
  const guests = [...state.guests.values()].filter(({ planned }) => images[planned.image]?.installTools === true);
  await allDone(
    guests.map(async ({ planned: { name }, remote }) => {
      if (remote !== undefined) for (const tool of tools) await installIn(name, remote, tool, signal);
    }),
  );
}

async function installIn(name: string, remote: Remote, tool: string, signal: AbortSignal): Promise<void> {
  const why = await remote.run(installTool(tool), signal).then(whyNotInstalled, whyGivenUp);
  if (why !== undefined) throw new CancelCase(`${name} has no ${tool}, and it could not be installed: ${why}`);
}

/** A repository that does not answer is waited for longer than there is time. */
function whyGivenUp(error: unknown): string {
  if (error instanceof HarnessError && error.code === "deadline") return messageOf(error);
  throw error;
}
