import { metadataAt, settingsOf } from "../../lib/model/options-of-leg.js";
import type { Params } from "../../lib/model/params.js";
import { plainText } from "../../lib/model/plain-text.js";
import type { Plan } from "../../lib/model/plan.js";
import { settingLines } from "../../lib/model/setting-lines.js";
import { isInstance } from "../../lib/model/settings.js";
import { assumedFacts } from "../assumed-facts.js";
import { loadInventory } from "../load.js";
import { makePlans } from "../plan.js";
import { plannedActions } from "../planned-steps.js";
import { chosenHosts, type HostNames } from "./hosts.js";
import { loadAndSelect, type SelectionOptions } from "./selection.js";

export interface PlanOptions extends SelectionOptions {
  readonly inventory: string;
  readonly hosts?: HostNames;
  readonly json?: boolean;
  readonly fresh?: boolean;
}

/** Prints every step of every case and what it will change, without speaking to a host. @returns the exit code */
export async function plan(
  paths: readonly string[],
  options: PlanOptions,
  write: (text: string) => void,
): Promise<number> {
  const [{ cases }, whole] = await Promise.all([loadAndSelect(paths, options), loadInventory(options.inventory)]);
  const [source, target] = chosenHosts(whole, options.hosts);
  const inventory = { ...whole, hosts: [source, target] };
  const plans = makePlans(cases, {
    inventory,
    hosts: [assumedFacts(source), assumedFacts(target)],
    jobKey: "0000000",
    fresh: options.fresh === true,
  });
  const told = plans.map((planned) =>
    planned.verdict === "skip"
      ? planned
      : {
          ...planned,
          steps: planned.steps.map((step) => ({ ...step, changes: plannedActions(planned, step, inventory) })),
        },
  );
  if (options.json) write(`${JSON.stringify(told, null, 2)}\n`);
  else for (const planned of plans) write(`${text(planned, inventory).map(indented).join("\n")}\n\n`);
  return 0;
}

/** Safe to show, with its indentation, which says what belongs to what. */
const indented = (line: string): string => `${/^ */.exec(line)?.[0] ?? ""}${plainText(line)}`;

/** What an instance's settings come to, from each leg on for which something changes. */
function settingText(params: Params): string[] {
  if (!isInstance(params.guests)) return [];
  const legs = [1, ...params.guests.metadataChanges.map(({ beforeLeg }) => beforeLeg)];
  return [...new Set(legs)]
    .sort((a, b) => a - b)
    .flatMap((leg) => [
      `  settings from leg ${leg} on`,
      ...settingLines(settingsOf(params, metadataAt(params, leg))).map((line) => `    ${line}`),
    ]);
}

function text(planned: Plan, inventory: Awaited<ReturnType<typeof loadInventory>>): string[] {
  const { id } = planned.case;
  if (planned.verdict === "skip") return [`${id}: SKIP: ${planned.reason}`];
  return [
    `${id}: ${planned.guests.length} guests on ${planned.hosts.join(" and ")}`,
    ...settingText(planned.case.params),
    ...planned.steps.flatMap((step) => [
      `  ${step.name}`,
      ...plannedActions(planned, step, inventory).flatMap(({ host, what, command }) => [
        `    ${host}: ${what}`,
        ...(command === undefined ? [] : [`      ${command}`]),
      ]),
    ]),
    planned.leavesGuests
      ? "  restore: everything above is taken back, newest first, but for the guests if the case passes"
      : "  restore: everything above is taken back, newest first",
  ];
}
