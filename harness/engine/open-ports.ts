import { allDone } from "../../lib/all-done.js";
import { openMigrationPorts } from "../../lib/net/firewall.js";
import { type CaseContext, hostOf } from "./context.js";

/** Opens the migration ports on hosts that are about to receive, once in a case; the restore closes them again. */
export async function openPorts(ctx: CaseContext, receivers: ReadonlySet<string>): Promise<void> {
  await allDone(
    [...receivers].map(async (name) => {
      if (ctx.state.openHosts.has(name)) return;
      ctx.state.openHosts.add(name);
      const { host, remote } = hostOf(ctx, name);
      await ctx.change(remote, await openMigrationPorts(remote.run, host.firewall, ctx.jobKey));
    }),
  );
}
