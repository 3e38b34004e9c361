import type { Case } from "./case.js";
import type { HostChange } from "./command.js";

/** A disk of a guest beside the linked clone that it boots from, or in its place. */
export interface PlannedVolume {
  /** Unlike that of any other disk, as it begins with the guest's: `ms-ab12cd3-004-g1-d1`, `…-root`. */
  readonly name: string;
  /** By which it is found in the guest, whatever letter it has there: `d1`. */
  readonly serial: string;
  /** Where libvirt hangs it: `vdb`. */
  readonly target: string;
  readonly use: "root" | "ephemeral" | "swap";
  readonly on: "nfs" | "iscsi" | "nbd" | "local";
  /** Absent for a root disk: that of the image. */
  readonly sizeMiB?: number;
}

/** One guest of a case, bound to a host and an address before anything is touched. */
export interface PlannedGuest {
  /** Carries the job, so that two jobs cannot collide and leftovers can be recognised: `ms-ab12cd3-004-g1`. */
  readonly name: string;
  readonly image: string;
  /** Host it starts on. */
  readonly host: string;
  readonly mac: string;
  /** Address with prefix length where the inventory hands them out; absent: libvirt is asked. */
  readonly address?: string;
  /** File of the linked clone that it boots from, relative to the storage's folder; absent: there is none. */
  readonly disk?: string;
  /** Root first, if it is among them; absent: none. */
  readonly volumes?: readonly PlannedVolume[];
}

/** A guest that is to go from one host to another. */
export interface Move {
  readonly guest: string;
  readonly from: string;
  readonly to: string;
}

/** One thing to do. There is no "clean up" step: what was changed is taken back from the journal, whatever happened. */
export type Step = {
  /** For people and events, unique within the plan, e.g. `leg 3 of 10: h1 → h2`. */
  readonly name: string;
  /** Milliseconds after which the step is given up and the case is ERROR. */
  readonly deadlineMs: number;
} & (
  | { readonly kind: "inspect-hosts" }
  | { readonly kind: "prepare-hosts" }
  | { readonly kind: "start-guests" }
  | { readonly kind: "start-load" }
  | { readonly kind: "evidence-before" }
  | { readonly kind: "start-probes" }
  | { readonly kind: "leg"; readonly number: number; readonly moves: readonly Move[]; readonly width: number }
  | { readonly kind: "evidence-after" }
);

/** A command of a step that would change a host, as `plan` shows it. */
export interface PlannedChange {
  readonly step: string;
  readonly host: string;
  readonly change: HostChange;
}

/** A case bound to hosts, as a list of steps; or the reason it cannot run here. Decided before any host is touched. */
export type Plan =
  | {
      readonly verdict: "run";
      readonly case: Case;
      /** Source first, then target. */
      readonly hosts: readonly [string, string];
      /** Those that migrate. */
      readonly guests: readonly PlannedGuest[];
      /** Id of the case for which these guests are booted: this one, or an earlier one that leaves them behind for it. */
      readonly herd: string;
      /** Whether the next case that runs takes these guests over, if this one passes. */
      readonly leavesGuests: boolean;
      /** Those that stay where they are and keep booting. */
      readonly booters: readonly PlannedGuest[];
      readonly steps: readonly Step[];
    }
  | { readonly verdict: "skip"; readonly case: Case; readonly reason: string };

export type RunnablePlan = Extract<Plan, { verdict: "run" }>;
