import { type CaseContext, hostOf } from "../../harness/engine/context.js";
import { migrateCommand } from "../../harness/engine/migrate.js";
import type { Move } from "../../lib/model/plan.js";
import { quote } from "../../lib/transport/quote.js";

/**
 * What somebody would write by hand: one ssh command a leg, a shell loop of exactly the engine's `virsh migrate`. It goes
 * over the connection that is open already, so that the loop does not even pay for a login.
 */
export async function bareLeg(ctx: CaseContext, moves: readonly Move[], isTogether: boolean): Promise<void> {
  const [first] = moves;
  if (first === undefined) return;
  const argv = migrateCommand(ctx, first, ctx.plan.case.params.migration).map((word) =>
    word === first.guest ? '"$g"' : quote(word),
  );
  const one = argv.join(" ");
  const script = isTogether
    ? `pids=; for g; do ${one} & pids="$pids $!"; done; for p in $pids; do wait "$p" || exit 1; done`
    : `for g; do ${one} || exit 1; done`;
  const guests = moves.map(({ guest }) => guest);
  const { exitCode, stderr } = await hostOf(ctx, first.from).remote.run({
    file: "sh",
    args: ["-c", script, "sh", ...guests],
    timeoutMs: 600_000,
  });
  if (exitCode !== 0) throw new Error(`the bare loop failed: ${stderr}`);
}
