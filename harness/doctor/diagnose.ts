import type { Examined } from "./examine.js";
import { MACHINE_JUDGES } from "./machine-judges.js";
import { PAIR_JUDGES } from "./pair-judges.js";
import type { Found } from "./seen.js";

/** One answer of the doctor about one machine. */
export interface Diagnosis {
  readonly host: string;
  /** The other host, of what is asked of two. */
  readonly of?: string;
  /** Name of the question: `host key`, `MTU`. */
  readonly question: string;
  /** `fault` keeps cases from running or makes them lie, `hint` does not; `unasked`: it could not be asked. */
  readonly verdict: "fault" | "hint" | "ok" | "unasked";
  /** What is wrong; or what is well. */
  readonly what: string;
  readonly mend?: string;
}

/** Judges everything that was seen. Pure. */
export function diagnose({ machines, pairs }: Examined): Diagnosis[] {
  const ofMachines = machines.flatMap((machine) =>
    MACHINE_JUDGES.flatMap(({ name, wanted, find }) =>
      answers({ host: machine.name, question: name }, wanted, find(machine)),
    ),
  );
  const ofPairs = pairs.flatMap((pair) =>
    PAIR_JUDGES.flatMap(({ name, wanted, find }) =>
      answers({ host: pair.from.name, of: pair.to.name, question: name }, wanted, find(pair)),
    ),
  );
  return [...ofMachines, ...ofPairs];
}

function answers(
  about: Pick<Diagnosis, "host" | "of" | "question">,
  wanted: string,
  found: readonly Found[] | undefined,
): Diagnosis[] {
  const what = about.of === undefined ? wanted : wanted.replace("the other", about.of);
  if (found === undefined) return [{ ...about, verdict: "unasked", what }];
  if (found.length === 0) return [{ ...about, verdict: "ok", what }];
  return found.map((one) => ({
    ...about,
    host: one.host ?? about.host,
    verdict: one.isHint ? "hint" : "fault",
    what: one.what,
    mend: one.mend,
  }));
}
