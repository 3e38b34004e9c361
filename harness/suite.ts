import Mocha from "mocha";
import type { CaseVerdict } from "../lib/model/event.js";
import type { Plan } from "../lib/model/plan.js";
import { OK_STATUSES } from "../lib/model/status.js";

/** A mocha suite of cases, and how it went. */
export interface SuiteOptions {
  /** Runs the case, or says how it ended already. Never rejects. */
  readonly resultOf: (plan: Plan) => Promise<Pick<CaseVerdict, "status" | "reason">>;
  /** Stop after the first case that is not OK. */
  readonly failFast: boolean;
}

/**
 * Shows cases as a mocha suite and runs it. mocha gives order, bail and its vocabulary; deadlines are the engine's, so
 * mocha's own clock is off. A skipped case is mocha's pending test; reports come from our events, not from mocha.
 */
export async function runSuite(
  plans: readonly Plan[],
  { resultOf, failFast }: SuiteOptions,
): Promise<{ readonly failures: number }> {
  const mocha = new Mocha({ timeout: 0, reporter: Silent as unknown as Mocha.ReporterConstructor, bail: failFast });
  let last: Mocha.Suite | undefined;
  for (const plan of plans) {
    const { id, scenario } = plan.case;
    // mocha runs suite after suite: one of all cases of a scenario would undo the order that was asked for.
    last = last?.title === scenario ? last : Mocha.Suite.create(mocha.suite, scenario);
    last.addTest(
      new Mocha.Test(id, async function (this: Mocha.Context) {
        const { status, reason } = await resultOf(plan);
        if (status === "SKIP" || status === "CANCEL") this.skip();
        if (!OK_STATUSES.has(status)) throw new Error(`${status}: ${reason ?? "see the checks"}`);
      }),
    );
  }
  return new Promise((resolve) => mocha.run((failures) => resolve({ failures })));
}

/** mocha wants a reporter; ours is the console of `reports/`, fed by events. */
class Silent {}
