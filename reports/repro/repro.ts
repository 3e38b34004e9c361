import { plainText } from "../../lib/model/plain-text.js";
import type { CaseResult, CommandRecord } from "../../lib/model/result.js";
import { shortText } from "../short-text.js";
import { END, HELPERS } from "./helpers.js";
import { BEGIN, commandLine, type MadeChange, type ReproInput } from "./input.js";
import { reachText, type Way, waysTo } from "./machines.js";
import { hereDocument, posixLine, posixWord } from "./posix-line.js";
import { type Action, schedule } from "./schedule.js";

/**
 * A POSIX shell script that does once more what a case did: its changes and migrations, in their order, beside each other
 * where they were. It needs ssh and what the hosts have, and nothing of ours. Pure.
 */
export function reproScript(input: ReproInput): string {
  const { result, earlier, guests, hosts } = input;
  const before = earlier.map((change): Action => ({ kind: "change", command: recordOf(change) }));
  const actions = [...before.filter(doesSomething), ...schedule(result.commands)];
  const names = [
    ...new Set([
      ...hosts,
      ...(input.inventory.observer === undefined ? [] : [input.inventory.observer.name]),
      ...actions.flatMap((action) => ("command" in action ? [action.command.host] : [])),
      ...guests.map(({ name }) => name),
    ]),
  ];
  const ways = waysTo(names, input);
  const madeAt = actions.findLastIndex((action) => "command" in action && action.command.what?.startsWith("guest "));
  const body = actions.flatMap((action, index): string[] => {
    // What was waited for then was the guests, and they are waited for.
    const isBoot = action.kind === "pause" && index === madeAt + 1;
    return [...(isBoot ? [] : textOf(action, result)), ...(index === madeAt ? awaitText(ways, input) : [])];
  });
  return [
    ...BEGIN,
    ...headOf(input).map((line) => `# ${plainText(line)}`),
    "set -u",
    "",
    reachText(ways, input),
    "",
    HELPERS,
    ...hosts.map((name) => `free ${posixWord(name)}`),
    "",
    ...body,
    "",
    END,
    "",
  ].join("\n");
}

function headOf({ jobId, result }: ReproInput): string[] {
  const { case: testCase, status, reason, checks } = result;
  const wrong = checks.filter(
    (check) => check.status === "FAIL" || check.status === "ERROR" || check.status === "WARN",
  );
  const lost = result.commands.filter(({ what, lostInputBytes }) => what !== undefined && lostInputBytes !== undefined);
  return [
    `Does once more what ${testCase.id} of ${jobId} did, which was judged ${status}:`,
    ...(reason === undefined ? [] : [`  ${shortText(reason, 400)}`]),
    ...wrong.map(({ check, status: verdict, message }) => `  ${verdict} ${check}: ${shortText(message, 400)}`),
    "",
    "Needs ssh here, and on the hosts what they had then. Machines are variables: ADDRESS=... sh repro.sh reaches others.",
    "Exit code 0: every command ended as it did then; 1: a migration ended otherwise; 2: it could not be done again.",
    "undo.sh, beside this, takes everything back. Measuring and judging are not in here: the commands are.",
    ...(testCase.params.classes.competing
      ? ["Not in here: the competing traffic of the second half of the legs."]
      : []),
    ...(lost.length === 0 ? [] : [`Not in here: ${lost.length} commands whose input was too large to be recorded.`]),
  ];
}

const recordOf = ({ host, what, apply: { file, args, input } }: MadeChange): CommandRecord => ({
  ...{ host, what, argv: [file, ...args], exitCode: 0, startMs: 0, durationMs: 0 },
  ...(input === undefined ? {} : { input }),
});

const doesSomething = (action: Action): boolean => !("command" in action) || action.command.argv[0] !== "true";

function textOf(action: Action, result: CaseResult): string[] {
  switch (action.kind) {
    case "wait":
      return [`wait "$m${action.number}"`];
    case "pause":
      return [`sleep ${action.seconds}`];
    case "change":
      return changeText(action.command);
    case "migrate":
      return migrateText(action, result);
  }
}

function changeText({ host, argv, what = "", exitCode = 0, input, lostInputBytes }: CommandRecord): string[] {
  const comment = `# ${host}: ${shortText(plainText(what), 200)}`;
  if (lostInputBytes !== undefined)
    return [`${comment}: left out, its input of ${lostInputBytes} bytes was not recorded`];
  const line = `change ${exitCode} ${posixWord(host)} ${commandLine(argv, what)}`;
  if (input === undefined) return [comment, `${line} </dev/null`];
  const { redirect, lines } = hereDocument(input);
  return [comment, `${line} ${redirect}`, lines];
}

/** What took too long was ended by the runner; here timeout does that, which has virsh abort the migration as well. */
function migrateText({ number, command, besides }: Extract<Action, { kind: "migrate" }>, result: CaseResult): string[] {
  const { host, argv, exitCode, what = "", durationMs, startMs, stderr } = command;
  const wasAborted = result.migrations.some((one) => one.startMs === startMs && one.outcome === "aborted");
  const line = wasAborted ? ["timeout", "-s", "INT", "-k", "60", String(Math.ceil(durationMs / 1000)), ...argv] : argv;
  const expected = wasAborted ? 124 : (exitCode ?? 0);
  const said = stderr === undefined ? "" : `: ${shortText(plainText(stderr), 300)}`;
  return [
    `# ${host}: ${shortText(plainText(what), 200)}; then it ended with ${exitCode ?? "nobody knows what"} after ${(durationMs / 1000).toFixed(1)} s${said}`,
    `migrate ${number} ${expected} ${posixWord(host)} ${posixLine(line)} </dev/null${besides ? " &" : ""}`,
    ...(besides ? [`m${number}=$!`] : []),
  ];
}

function awaitText(ways: readonly Way[], { guests, inventory, result }: ReproInput): string[] {
  const seconds = Math.ceil(result.case.params.limits.boot / 1000);
  return guests.flatMap(({ name, host, mac, address }) => {
    const way = ways.find((known) => known.name === name);
    if (way?.ssh === undefined) return [];
    const { connectUri = "qemu:///system" } = inventory.hosts.find((known) => known.name === host) ?? {};
    const { variable } = way;
    return [
      ...(address === undefined
        ? [
            `[ -n "$${variable}_ADDRESS" ] || ${variable}_ADDRESS=$(discover ${posixLine([host, connectUri, name, mac])} ${seconds})`,
          ]
        : []),
      `await ${posixWord(name)} "$${variable}_ADDRESS" "$${variable}_PORT" ${posixWord(way.ssh.fingerprint ?? "SHA256:")} ${seconds}`,
    ];
  });
}
