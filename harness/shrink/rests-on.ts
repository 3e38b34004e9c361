import type { Params } from "../../lib/model/params.js";

/** What a case expects, and what has to be in it for that to have a point. */
interface Expectation {
  /** In words, for whoever wonders why it is still there. */
  readonly says: string;
  /** Dotted. */
  readonly restsOn: readonly string[];
  readonly when: (params: Params, check: string | undefined) => boolean;
}

const SETTINGS = ["guests.flavor", "guests.metadata", "guests.imageProperties", "guests.metadataChanges"];
const WAY = ["migration", "movement.turns", ...SETTINGS];

const EXPECTATIONS: readonly Expectation[] = [
  {
    says: "migrations are to fail: faults, classes, disks and options of migration may be why, and stay",
    restsOn: ["faults", "classes", "guests.disks", "guests.boot", "guests.localPool", ...WAY],
    when: ({ expect }, check) => expect.outcome === "failed" && check === "outcome",
  },
  {
    says: "the channel is expected by name: what may bring it about stays",
    restsOn: ["expect.channel", "faults", ...WAY],
    when: ({ expect }, check) => expect.channel !== undefined && check === "channel",
  },
  {
    says: "the check is to say FAIL: faults, classes, disks, probes and options of migration may be why, and stay",
    restsOn: ["expect.red", "faults", "classes", "probes", "limits", "guests.disks", "guests.boot", ...WAY],
    when: ({ expect }, check) => check !== undefined && expect.red.includes(check),
  },
];

/**
 * What must not be taken away, because the failure is that something expected did not come about: without its cause it would
 * not come about in any case, and the smallest case would be one in which nothing was wrong. Pure.
 * @param check that said FAIL
 */
export function restsOn(params: Params, check: string | undefined): readonly Omit<Expectation, "when">[] {
  return EXPECTATIONS.filter(({ when }) => when(params, check));
}
