import { domainStates } from "../../lib/libvirt/virsh.js";
import type { DomainState, Places } from "../../lib/model/migration.js";
import type { Move } from "../../lib/model/plan.js";
import type { CaseContext } from "./context.js";

/** host → guest → state. A guest that is not listed is not there. */
export type AllPlaces = ReadonlyMap<string, ReadonlyMap<string, DomainState>>;

/** Asks both hosts at the same time where everything is; a host that does not answer is an error, never an absence. */
export async function askPlaces({ hosts }: CaseContext): Promise<AllPlaces> {
  const answers = [...hosts.values()].map(
    async ({ host, remote }) => [host.name, await domainStates(remote.run, host.connectUri)] as const,
  );
  return new Map(await Promise.all(answers));
}

export const placeOf = (places: AllPlaces, host: string, guest: string): DomainState =>
  places.get(host)?.get(guest) ?? "absent";

export const placesOf = (places: AllPlaces, { guest, from, to }: Move): Places => ({
  source: placeOf(places, from, guest),
  target: placeOf(places, to, guest),
});
