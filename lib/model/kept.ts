import type { DomainState } from "./migration.js";

/** Hosts that were left as a case left them, for somebody to look at. */
export interface Kept {
  readonly hosts: readonly string[];
  /** ISO 8601 UTC: until then nobody else is to have them. */
  readonly until: string;
  readonly guests: readonly KeptGuest[];
}

export interface KeptGuest {
  readonly guest: string;
  /** Where libvirt knew it then, and how; empty: nowhere, or nobody could say. */
  readonly places: readonly { readonly host: string; readonly state: DomainState }[];
  /** Absent: nobody could log in to it. */
  readonly address?: string;
}

/** For people: `2026-11-21T06:42:00Z`. */
export const shortMoment = (iso: string): string => iso.replace(/\.\d+Z$/, "Z");
