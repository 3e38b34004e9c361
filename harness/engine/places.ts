import { parseDomainStates } from "../../lib/libvirt/domain-states.js";
import { domainStates, STATES_OF_ALL } from "../../lib/libvirt/virsh.js";
import type { VirshShell } from "../../lib/libvirt/virsh-shell.js";
import type { Host } from "../../lib/model/inventory.js";
import type { DomainState, Places } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import type { CaseContext, HostHandle } from "./context.js";

/** host → guest → state. A guest that is not listed is not there. */
export type AllPlaces = ReadonlyMap<string, ReadonlyMap<string, DomainState>>;

/** Asks both hosts at the same time where everything is; a host that does not answer is an error, never an absence. */
export async function askPlaces(ctx: CaseContext): Promise<AllPlaces> {
  const answers = [...ctx.hosts.values()].map(
    async (handle) => [handle.host.name, await askHost(ctx, handle)] as const,
  );
  return new Map(await Promise.all(answers));
}

/** Whatever is odd about the lasting virsh's answer, the question is asked again by one whose exit code tells. */
async function askHost(ctx: CaseContext, { host, remote }: HostHandle): Promise<Map<string, DomainState>> {
  const virsh = ctx.state.hosts.get(host.name)?.virsh;
  if (virsh !== undefined) {
    const startMs = ctx.nowMs();
    const states = await statesFrom(virsh).catch(() => undefined);
    if (states !== undefined) {
      tell(ctx, host, startMs);
      return states;
    }
  }
  return domainStates(remote.run, host.connectUri);
}

const statesFrom = async (virsh: VirshShell): Promise<Map<string, DomainState>> =>
  parseDomainStates(await virsh.ask(...STATES_OF_ALL));

/** In the words that ask the same by hand. */
function tell({ emit, nowMs, plan }: CaseContext, { name, connectUri }: Host, startMs: number): void {
  const argv = ["virsh", "-c", connectUri, ...STATES_OF_ALL];
  const command = { host: name, argv, exitCode: 0, startMs, durationMs: nowMs() - startMs };
  emit({ type: "command", caseId: plan.case.id, command });
}

export const placeOf = (places: AllPlaces, host: string, guest: string): DomainState =>
  places.get(host)?.get(guest) ?? "absent";

export const placesOf = (places: AllPlaces, { guest, from, to }: Move): Places => ({
  source: placeOf(places, from, guest),
  target: placeOf(places, to, guest),
});
