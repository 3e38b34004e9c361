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
/** Without its rounds a case has neither the legs that faults and changes of metadata wait for, nor all turns. */
const WAY = ["migration", "movement.rounds", "movement.turns", ...SETTINGS];
/** How hard it is for guests, hosts and the way between them: silence, CPU and dirty memory come from here. */
const EFFORT = [
  ...["load", "stress", "booting", "movement.pattern", "movement.concurrency"],
  ...["guests.count", "guests.memory", "guests.vcpus", "guests.cache"],
];

const EXPECTATIONS: readonly Expectation[] = [
  {
    says: "migrations are to fail: faults, classes, disks, rounds and options of migration may be why, and stay",
    restsOn: ["faults", "classes", "guests.disks", "guests.boot", "guests.localPool", ...WAY],
    when: ({ expect }, check) => expect.outcome === "failed" && check === "outcome",
  },
  {
    says: "migrations are to be given up at their timeout: what makes them last stays",
    restsOn: EFFORT,
    when: ({ expect, migration }, check) =>
      expect.outcome === "failed" && check === "outcome" && migration.timeoutAction === "abort",
  },
  {
    says: "the channel is expected by name: what may bring it about stays",
    restsOn: ["expect.channel", "faults", ...WAY],
    when: ({ expect }, check) => expect.channel !== undefined && check === "channel",
  },
  {
    says: "the check is to say FAIL: all that makes trouble, from faults and load to guests and rounds, may be why, and stays",
    restsOn: [
      "expect.red",
      "expect.redSays",
      "faults",
      "classes",
      "probes",
      "limits",
      "guests.disks",
      "guests.boot",
      ...WAY,
      ...EFFORT,
    ],
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
