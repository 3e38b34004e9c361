import pLimit from "p-limit";
import { CancelCase, HarnessError, messageOf } from "../../lib/errors.js";
import { installTool, whyNotInstalled } from "../../lib/guest/install-tool.js";
import type { Remote } from "../../lib/transport/transport.js";
import type { CaseContext } from "./context.js";

/** A guest that lacks a tool. */
export interface Lacking {
  readonly name: string;
  readonly image: string;
  readonly remote: Remote;
}

/** @throws CancelCase where the tool cannot be had in that guest; HarnessError `unreachable` */
export type Installer = (guest: Lacking, tool: string) => Promise<void>;

/**
 * Installs tools in guests whose image says that this may be done. However many loads ask for one, it is installed once in each
 * guest, and one tool after another, since package managers keep each other off.
 */
export function toolInstaller(
  { inventory: { images } }: Pick<CaseContext, "inventory">,
  signal: AbortSignal,
): Installer {
  const queues = new Map<string, ReturnType<typeof pLimit>>();
  const installs = new Map<string, Promise<void>>();
  return async (guest, tool) => {
    const { name, image } = guest;
    if (images[image]?.installTools !== true)
      throw new CancelCase(
        `${name} has no ${tool}: install the package ${tool} there, or have it done: images.${image}.installTools in the inventory`,
      );
    const queue = queues.get(name) ?? pLimit(1);
    queues.set(name, queue);
    const key = `${name} ${tool}`;
    const install = installs.get(key) ?? queue(() => installIn(guest, tool, signal));
    installs.set(key, install);
    return install;
  };
}

async function installIn({ name, remote }: Lacking, tool: string, signal: AbortSignal): Promise<void> {
  const why = await remote.run(installTool(tool), signal).then(whyNotInstalled, whyGivenUp);
  if (why !== undefined) throw new CancelCase(`${name} has no ${tool}, and it could not be installed: ${why}`);
}

/** A repository that does not answer is waited for longer than there is time. */
function whyGivenUp(error: unknown): string {
  if (error instanceof HarnessError && error.code === "deadline") return messageOf(error);
  throw error;
}
