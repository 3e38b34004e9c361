import type { CaseContext } from "../../../../harness/engine/context.js";
import { newState } from "../../../../harness/engine/context.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import type { RunnablePlan } from "../../../../lib/model/plan.js";
import type { Remote } from "../../../../lib/transport/transport.js";

const inventory = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
  images: {},
  network: { bridge: "br0" },
});
/** One guest, which begins on the first of two hosts. */
export const PLAN: RunnablePlan = {
  verdict: "run",
  case: { id: "s.a", scenario: "s", variants: ["a"], tags: [], testIds: [], params: paramsSchema.parse({}) },
  hosts: ["h1", "h2"],
  guests: [{ name: "g1", image: "tiny", host: "h1", mac: "52:54:00:00:00:01" }],
  booters: [],
  herd: "s.a",
  leavesGuests: false,
  steps: [],
};

export const MOVE = { guest: "g1", from: "h1", to: "h2" };

/** A case of one guest on two hosts, of which each test says what they answer. */
export function fakeCase(remotes: Readonly<Record<"h1" | "h2" | "observer", Partial<Remote>>>): CaseContext {
  const remote = (name: "h1" | "h2" | "observer"): Remote => ({ name, ...remotes[name] }) as Remote;
  const state = newState(PLAN);
  const guest = state.guests.get("g1");
  if (guest !== undefined) guest.address = "198.18.1.1";
  return {
    plan: PLAN,
    inventory,
    jobKey: "ab12cd3",
    hosts: new Map(
      inventory.hosts.map((host) => [
        host.name,
        { host, facts: { virtType: "kvm", libvirtVersion: "9.0.0" }, remote: remote(host.name as "h1") } as never,
      ]),
    ),
    observer: remote("observer"),
    openGuest: () => Promise.reject(new Error("nobody logs in")),
    change: () => Promise.reject(new Error("nothing is changed")),
    herd: {
      kept: () => undefined,
      change: () => Promise.reject(new Error("nothing is changed")),
      logOut: async () => undefined,
      dismiss: async () => [],
      whyGone: () => undefined,
    },
    token: "t1",
    emit: () => undefined,
    progress: () => undefined,
    live: false,
    folder: "",
    nowMs: () => performance.now(),
    state,
  };
}
