import type { ClockOffset } from "../../lib/host/clock.js";
import type { PeerView } from "../../lib/host/peer-view.js";
import type { Survey } from "../../lib/host/survey.js";
import type { Host, Inventory, Machine } from "../../lib/model/inventory.js";

/** What was found out about one machine; what could not be asked is absent. */
export interface MachineSeen {
  readonly name: string;
  /** A hypervisor of the inventory; absent: the machine that serves the storage. */
  readonly host?: Host;
  /** As the inventory says to log in. */
  readonly login: Machine | Host;
  readonly inventory: Inventory;
  /** Why it could not be spoken to, and of which kind that is: `host-key`, `login`, `refused`, `timeout`. */
  readonly unreached?: { readonly message: string; readonly reason?: string };
  /** Why it did not say what it was asked for. */
  readonly unanswered?: string;
  readonly survey?: Survey;
  readonly clock?: ClockOffset;
}

/** One host as another one sees it. */
export interface PairSeen {
  readonly from: MachineSeen & { readonly host: Host };
  readonly to: MachineSeen & { readonly host: Host };
  /** To there, and back. Absent: it could not be asked. */
  readonly view?: PeerView;
  readonly back?: PeerView;
  /** The other pair of the same hosts comes later: what holds for both is told once. */
  readonly isFirst: boolean;
}

/** What is wrong, and the command that mends it: on that machine and as root, unless its comment says otherwise. */
export interface Found {
  readonly what: string;
  readonly mend: string;
  /** Which machine it is told of; default: the one that was judged, of a pair the first. */
  readonly host?: string;
  /** It keeps no case from running, or only some. */
  readonly isHint?: boolean;
}

/** One row of the tables: what is asked, and what is wrong with the answer. Undefined: it could not be asked. */
export interface Judge<Subject> {
  readonly name: string;
  /** For people, as it reads when all is well: `libvirt answers`. */
  readonly wanted: string;
  readonly find: (subject: Subject) => readonly Found[] | undefined;
}
