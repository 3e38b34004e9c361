import { type Kept, shortMoment } from "../lib/model/kept.js";
import { plainLines } from "../lib/model/plain-text.js";
import type { CaseResult } from "../lib/model/result.js";
import { type SettingsRecord, settingLines } from "../lib/model/setting-lines.js";

const LIMIT_BYTES = 8 * 1024;

/**
 * What a person reads who has only this file: the most telling lines last, because the end is what is kept, 8 KiB of it.
 * Plain text over several lines; escape it.
 */
export const story = ({ migrations, checks, settings = [], reason, leftovers, kept }: CaseResult): string =>
  tail(
    plainLines(
      [
        ...settingStory(settings),
        ...migrations
          .filter(({ outcome }) => outcome !== "completed")
          .map(({ leg, guest, source, target, outcome, error = "" }) =>
            `leg ${leg}: ${guest} ${source} -> ${target} ${outcome} ${error}`.trimEnd(),
          ),
        ...[...checks]
          .sort((a, b) => Number(b.status === "PASS") - Number(a.status === "PASS"))
          .map(({ check, status, message }) => `${status.padEnd(5)} ${check}: ${message}`),
        ...(kept === undefined ? [] : [keptText(kept)]),
        ...leftovers.map((left) => `not put back: ${left}`),
        ...(reason === undefined ? [] : [`reason: ${reason}`]),
      ].join("\n"),
    ),
  );

/** Why instances migrated as they did; what does not change from leg to leg is told once. */
function settingStory(settings: readonly SettingsRecord[]): string[] {
  const told = settings.map((record) => ({ leg: record.leg, text: settingLines(record).join("; ") }));
  return told
    .filter(({ text }, index) => text !== told[index - 1]?.text)
    .map(({ leg, text }) => `settings from leg ${leg} on: ${text}`);
}

/** A time that is over by then, perhaps: whether somebody has put them back since nobody tells a report. */
export const keptText = ({ hosts, until }: Kept): string =>
  `kept: ${hosts.join(" and ")} were left as they were, until ${shortMoment(until)} or \`migstorm release\``;

function tail(whole: string): string {
  const bytes = Buffer.from(whole);
  if (bytes.length <= LIMIT_BYTES) return whole;
  const kept = bytes.subarray(bytes.length - LIMIT_BYTES).toString();
  return `[the beginning is left out]\n${kept.replace(/^\ufffd+/, "")}`;
}
