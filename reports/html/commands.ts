import type { CommandRecord } from "../../lib/model/result.js";
import { shellLine } from "../shell-line.js";
import { moreNote, type Share } from "./budget.js";
import { escapeHtml } from "./escape.js";

const LINE_LIMIT = 2_000;
const HEAD =
  "<li class=h><span>at, s</span><span>took, ms</span><span>exit</span><i>host</i><div>command, and what it changes</div>";

interface Shown {
  readonly isOpen?: boolean;
  /** From when times count, milliseconds since the job started; absent: from the first command. */
  readonly originMs?: number;
}

/** The exact commands in their order. Where they are too many for the page, those that change or failed stay. */
export function commandList(
  commands: readonly CommandRecord[],
  share: Share,
  { isOpen, originMs }: Shown = {},
): string {
  if (commands.length === 0) return "";
  const shown = withinBytes(commands, share.commandBytes, originMs ?? commands[0]?.startMs ?? 0);
  return `<details class=cmds${isOpen === true ? " open" : ""}><summary>${commands.length} commands</summary><ol>${share.isTerse ? "" : HEAD}${shown.join("")}</ol>${moreNote(
    commands.length - shown.length,
    "command",
  )}</details>`;
}

function withinBytes(commands: readonly CommandRecord[], limit: number, originMs: number): readonly string[] {
  const items: string[] = [];
  let bytes = 0;
  const kept = new Set<CommandRecord>();
  for (const command of [...commands].sort(byWeight)) {
    bytes += sizeOf(command);
    if (bytes > limit && kept.size > 0) break;
    kept.add(command);
  }
  for (const command of commands) if (kept.has(command)) items.push(item(command, originMs));
  return items;
}

const weight = ({ what, exitCode, argv }: CommandRecord): number =>
  what !== undefined || exitCode !== 0 || argv.includes("migrate") ? 1 : 0;

const byWeight = (a: CommandRecord, b: CommandRecord): number => weight(b) - weight(a);

const sizeOf = ({ argv, what = "", stderr = "", exitCode }: CommandRecord): number =>
  100 + Math.min(LINE_LIMIT, argv.join(" ").length) + what.length + (exitCode === 0 ? 0 : stderr.length);

function item({ host, argv, what, exitCode, stderr, startMs, durationMs }: CommandRecord, originMs: number): string {
  const code = exitCode === 0 ? "<span>0</span>" : `<span class=x>${exitCode ?? "lost"}</span>`;
  const why = what === undefined ? "" : `<em>${escapeHtml(what, 300)}</em>`;
  const said = exitCode === 0 || stderr === undefined ? "" : `<pre>${escapeHtml(stderr)}</pre>`;
  const times = `<span>${((startMs - originMs) / 1000).toFixed(2)}</span><span>${Math.round(durationMs)}</span>`;
  return `<li>${times}${code}<i>${escapeHtml(host, 80)}</i><div><code>${escapeHtml(shellLine(argv), LINE_LIMIT)}</code>${why}${said}</div>`;
}
