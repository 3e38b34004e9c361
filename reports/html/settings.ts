import { notesText, originText, type SettingsRecord, settingText } from "../../lib/model/setting-lines.js";
import { moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";

/** What decided how instances migrated. Migrations with the same trace stand together; most cases have one of them. */
export function settingTable(settings: readonly SettingsRecord[] | undefined, share: Share): string {
  if (settings === undefined || settings.length === 0) return "";
  const groups = new Map<string, SettingsRecord[]>();
  for (const record of settings) {
    const key = JSON.stringify([record.entries, record.notUsed]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  const shown = [...groups.values()].slice(0, share.migrations);
  return `<h4>Settings of the instances</h4><table class=checks>${shown.map(rows).join("")}</table>${moreNote(
    groups.size - shown.length,
    "trace",
  )}`;
}

function rows(records: readonly SettingsRecord[]): string {
  const [first] = records;
  if (first === undefined) return "";
  const told = first.entries.map(
    (entry) =>
      `<tr><td>${whose(records)}<td>${escapeHtml(settingText(entry), 80)}<td>${escapeHtml(`${originText(entry)}${notesText(entry)}`, 500)}`,
  );
  return [
    ...told,
    ...(first.notUsed.length === 0
      ? []
      : [`<tr><td>${whose(records)}<td>not used<td>${escapeHtml(first.notUsed.join(", "), 500)}`]),
  ].join("");
}

/** `legs 1, 2`; the guests are told where they differ, which they do only when somebody changed one by hand. */
function whose(records: readonly SettingsRecord[]): string {
  const legs = [...new Set(records.map(({ leg }) => leg))];
  return `leg${legs.length === 1 ? "" : "s"} ${legs.slice(0, 12).join(", ")}${legs.length > 12 ? ", …" : ""}`;
}
