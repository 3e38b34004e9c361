import { allDone } from "../../lib/all-done.js";
import { HarnessError } from "../../lib/errors.js";
import { metadataIn, setMetadata } from "../../lib/libvirt/metadata.js";
import { ask, virsh } from "../../lib/libvirt/virsh.js";
import type { HostChange } from "../../lib/model/command.js";
import { optionsOfLeg, settingsOf } from "../../lib/model/options-of-leg.js";
import type { MigrationOptions, Params } from "../../lib/model/params.js";
import type { Move } from "../../lib/model/plan.js";
import { isInstance, type Settings } from "../../lib/model/settings.js";
import { conflictsOf } from "../option-conflicts.js";
import { type CaseContext, type HostHandle, hostOf } from "./context.js";

/**
 * How a guest is to be migrated now. Of an instance its metadata is read from where it is, so that a change counts from the
 * next migration on, whoever made it; what came of it is told.
 * @throws HarnessError `bad-input` when somebody has put into it what cannot be read, or cannot be migrated with
 */
export async function optionsOfMove(ctx: CaseContext, leg: number, { guest, from }: Move): Promise<MigrationOptions> {
  const { id: caseId, params } = ctx.plan.case;
  if (!isInstance(params.guests)) return optionsOfLeg(params, leg);
  const metadata = await readMetadata(hostOf(ctx, from), guest);
  const { entries, notUsed, problems } = settingsOf(params, metadata);
  const options = optionsOfLeg(params, leg, metadata);
  const record = { leg, guest, metadata, entries, notUsed };
  ctx.state.settings.push(record);
  ctx.emit({ type: "settings", caseId, record });
  const wrong = [...problems.map(({ message }) => message), ...conflictsOf(options, params)];
  if (wrong.length > 0) throw new HarnessError("bad-input", `the settings of ${guest}: ${wrong.join("; ")}`);
  return options;
}

/** The whole definition is asked for: virsh has no exit code for "no such metadata". */
export async function readMetadata({ host, remote }: HostHandle, guest: string): Promise<Settings> {
  return metadataIn((await ask(remote.run, virsh(host.connectUri, "dumpxml", "--domain", guest))).stdout);
}

/** Whether a guest on this host carries what it has to carry when a case begins. */
export async function carriesMetadata(handle: HostHandle, guest: string, params: Params): Promise<boolean> {
  if (!isInstance(params.guests)) return true;
  const there = Object.entries(await readMetadata(handle, guest));
  const wanted = params.guests.metadata ?? {};
  return there.length === Object.keys(wanted).length && there.every(([name, value]) => wanted[name] === value);
}

/** What the scenario changes right before a leg, in every guest where it is by then. */
export async function changeMetadata(ctx: CaseContext, leg: number, moves: readonly Move[]): Promise<void> {
  const change = ctx.plan.case.params.guests.metadataChanges.find(({ beforeLeg }) => beforeLeg === leg);
  if (change === undefined) return;
  await allDone(
    [...ctx.hosts.values()].map(({ host, remote }) => {
      const own = moves.filter(({ from }) => from === host.name);
      return ctx.change(
        remote,
        own.map(({ guest }) => changed(host.connectUri, guest, change.metadata)),
      );
    }),
  );
}

/**
 * It goes with the guest, which may be elsewhere by the end: a case that takes the guest over looks at its metadata, and has
 * it made anew where that is not what it is to begin with.
 */
const changed = (connectUri: string, guest: string, metadata: Settings): HostChange => ({
  what: `metadata of ${guest}`,
  apply: setMetadata(connectUri, guest, metadata),
  undo: { file: "true", args: [], timeoutMs: 5_000 },
});
