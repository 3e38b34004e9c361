import type { Passed, SettingEntry, SettingName } from "./settings.js";

/** Settings of an instance as one migration had them: what was read from the guest, and what came of it. */
export interface SettingsRecord {
  /** From 1. */
  readonly leg: number;
  readonly guest: string;
  /** As it stood in the guest's definition right before this migration. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly SettingEntry[];
  /** `metadata: hw:wrs:nested_vmx`: what was there and is none of these settings. */
  readonly notUsed: readonly string[];
}

/** One line a setting, `tunnel=false from metadata (overrides flavor: True)`, and one for what is not used. Foreign text. */
export const settingLines = ({ entries, notUsed }: Pick<SettingsRecord, "entries" | "notUsed">): string[] => [
  ...entries.map((entry) => `${settingText(entry)} ${originText(entry)}${notesText(entry)}`),
  ...(notUsed.length === 0 ? [] : [`not used: ${notUsed.join(", ")}`]),
];

const NAMES: Readonly<Record<SettingName, readonly [name: string, unit: string]>> = {
  tunnel: ["tunnel", ""],
  autoConverge: ["auto-converge", ""],
  maxDowntimeMs: ["max-downtime", " ms"],
  timeoutS: ["timeout", " s"],
};

/** `timeout=180 s`, `timeout=none`. */
export function settingText({ setting, value }: SettingEntry): string {
  const [name, unit] = NAMES[setting];
  return `${name}=${setting === "timeoutS" && value === 0 ? "none" : `${value}${unit}`}`;
}

export const originText = ({ origin }: SettingEntry): string =>
  origin === "default" ? "by default" : `from ${origin}`;

/** What did not count, in brackets; nothing when there was nothing. */
export function notesText({ overrides, ignored, written }: SettingEntry): string {
  const notes = [
    ...(written === undefined ? [] : [`raised from ${written}`]),
    ...(overrides.length === 0 ? [] : [`overrides ${overrides.map(passedText).join(", ")}`]),
    ...(ignored.length === 0 ? [] : [`ignores ${ignored.map(passedText).join(", ")}`]),
  ];
  return notes.length === 0 ? "" : ` (${notes.join("; ")})`;
}

const passedText = ({ origin, value }: Passed): string => `${origin}: ${value}`;
