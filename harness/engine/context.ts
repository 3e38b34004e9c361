import type { VirshShell } from "../../lib/libvirt/virsh-shell.js";
import type {
  Boot,
  DiskEvidence,
  DomainEvent,
  EventPause,
  FaultEvidence,
  GuestSnapshot,
  HostSnapshot,
  KernelLog,
  LegEvidence,
  LostConnection,
} from "../../lib/model/check.js";
import type { Command, HostChange } from "../../lib/model/command.js";
import type { NewEvent, Progress } from "../../lib/model/event.js";
import type { Host, Inventory } from "../../lib/model/inventory.js";
import type { LoadSighting } from "../../lib/model/load-evidence.js";
import type { JobStats, MigrationRecord } from "../../lib/model/migration.js";
import type { PlannedGuest, RunnablePlan } from "../../lib/model/plan.js";
import type { MigrationProgress } from "../../lib/model/progress.js";
import type { HostFacts } from "../../lib/model/result.js";
import type { SettingsRecord } from "../../lib/model/setting-lines.js";
import type { Pinger } from "../../lib/net/ping.js";
import type { Remote } from "../../lib/transport/transport.js";
import type { ProbeState } from "./probe-state.js";

/** A hypervisor of the job: how it is described, what was learnt about it, and the way to it. */
export interface HostHandle {
  readonly host: Host;
  readonly facts: HostFacts;
  readonly remote: Remote;
}

/** The migrating guests, which may outlive a case: what they are made of is written down apart from what the case changes. */
export interface HerdHandle {
  /** Guests that an earlier case has left, and the logins to them; absent: they are to be made. */
  readonly kept: () => ReadonlyMap<string, LoggedIn> | undefined;
  /** As `change`, for what goes with the guests. */
  readonly change: CaseContext["change"];
  /** Ends the logins to the guests, which stay as they are. */
  readonly logOut: () => Promise<void>;
  /** Takes the guests away; returns what could not be. Harmless when there are none. @param why for whoever would take them over */
  readonly dismiss: (why?: string) => Promise<readonly string[]>;
  /** Why nobody has left any, as far as it is known. */
  readonly whyGone: () => string | undefined;
}

/** A guest that was logged in to. */
export interface LoggedIn {
  readonly address: string;
  readonly remote: Remote;
}

/** What a case works with. Everything that changes a host goes through `change`. */
export interface CaseContext {
  readonly plan: RunnablePlan;
  readonly inventory: Inventory;
  readonly jobKey: string;
  /** Source and target, by name. */
  readonly hosts: ReadonlyMap<string, HostHandle>;
  /** Where disks are made; absent when the inventory has no storage. */
  readonly storage?: Remote;
  /** Where pings come from. */
  readonly observer: Remote;
  /** Logs in to a guest; the first key that a guest shows is pinned where the inventory says so. */
  readonly openGuest: (guest: PlannedGuest, address: string) => Promise<Remote>;
  /** Makes changes to one machine at once, each with its undo on disk first. Rejects when one of them failed. */
  readonly change: (machine: Remote, changes: readonly HostChange[]) => Promise<void>;
  readonly herd: HerdHandle;
  /** What the locks of the hosts carry: a command that comes later than a recovery is refused by it. */
  readonly token: string;
  readonly emit: (event: NewEvent) => void;
  readonly progress: (progress: Progress) => void;
  /** Somebody looks at the progress, so that asking for it is worth its cost. */
  readonly live: boolean;
  /** The case's own, for what is too large for the evidence. */
  readonly folder: string;
  /** Milliseconds since the job started, monotonic. */
  readonly nowMs: () => number;
  readonly state: CaseState;
}

/** What has been gathered so far. The only mutable thing of a case; the evidence is made from it at the end. */
export interface CaseState {
  readonly guests: Map<string, GuestState>;
  readonly hosts: Map<string, HostState>;
  readonly legs: LegEvidence[];
  readonly migrations: MigrationRecord[];
  /** Of instances, one for each migration that was got ready. */
  readonly settings: SettingsRecord[];
  readonly load: LoadState[];
  /** Guests that boot, by name. */
  readonly boots: Map<string, BootState>;
  readonly probes: ProbeState;
  /** Ends what resets guests, waits for their logins or follows kernel logs; each is harmless twice. */
  readonly stopBoots: (() => Promise<void>)[];
  readonly eventPauses: EventPause[];
  readonly events: DomainEvent[];
  readonly eventGaps: string[];
  /** By leg and guest. */
  readonly progress: Map<string, MigrationProgress>;
  readonly faults: FaultEvidence[];
  readonly lostConnections: LostConnection[];
  /** Who waits for the figures that libvirt sends when a guest's migration is completed. */
  readonly awaited: Map<string, (stats: JobStats) => void>;
  /** What the observer has for pinging every 10 ms. */
  pinger: Pinger;
  /** Hosts whose migration ports are open already. */
  readonly openHosts: Set<string>;
  /** The guests go on running, for the next case. */
  areGuestsLeft: boolean;
}

export interface GuestState {
  readonly planned: PlannedGuest;
  /** Host on which it ran already, left by an earlier case. */
  takenOverOn?: string;
  address?: string;
  remote?: Remote;
  before?: GuestSnapshot;
  after?: GuestSnapshot;
  kernelMark?: string;
  kernelLog?: KernelLog;
  /** What its kernel said in the boots before the one that it is in, where it is reset during the case. */
  earlierLog?: KernelLog | undefined;
  /** Where it has to be by the legs so far. */
  expectedHost: string;
  finalHosts?: readonly string[];
  disks?: readonly DiskEvidence[];
}

export interface HostState {
  before?: HostSnapshot;
  after?: HostSnapshot;
  controlGroup?: string;
  kernelMark?: string;
  kernelLog?: KernelLog;
  /** What all of its kernel log came to when it was last read. */
  kernelLogBytes?: number;
  /** The last time that its kernel log is being read, or was. */
  reading?: Promise<KernelLog>;
  stopEvents?: () => Promise<void>;
  /** For questions that every leg asks; where there is none, each starts a virsh of its own. */
  virsh?: VirshShell;
}

export interface BootState {
  readonly planned: PlannedGuest;
  readonly isMigrating: boolean;
  /** Of one that only boots, where it was logged in to before its first reset; absent: it did not have to be asked for. */
  address?: string;
  readonly boots: Boot[];
  /** It answers, and has not been reset again. */
  isUp?: boolean;
  lost?: string;
}

export interface LoadState {
  readonly place: string;
  readonly tool: string;
  readonly remote: Remote;
  readonly pid: number;
  readonly startTicks: number;
  readonly file: string;
  /** Ends it, in a guest that goes on; a host's load has its undo in the journal. */
  readonly stop?: Command;
  readonly workers?: number;
  readonly memoryMiB?: number;
  readonly leftMiB?: number;
  readonly isShort?: boolean;
  readonly sightings: LoadSighting[];
}

export const newState = (plan: RunnablePlan): CaseState => ({
  guests: new Map(plan.guests.map((planned) => [planned.name, { planned, expectedHost: planned.host }])),
  hosts: new Map(plan.hosts.map((name) => [name, {}])),
  legs: [],
  migrations: [],
  settings: [],
  load: [],
  boots: new Map(),
  probes: { hosts: [], legs: [] },
  stopBoots: [],
  eventPauses: [],
  events: [],
  eventGaps: [],
  progress: new Map(),
  faults: [],
  lostConnections: [],
  awaited: new Map(),
  pinger: "ping",
  openHosts: new Set(),
  areGuestsLeft: false,
});

/** The host of that name; every host of a plan is there, so a missing one is our mistake. */
export function hostOf({ hosts }: CaseContext, name: string): HostHandle {
  const handle = hosts.get(name);
  if (handle === undefined) throw new Error(`the plan names a host that the job does not have: ${name}`);
  return handle;
}
