import type { CheckResult } from "../../lib/model/check.js";
import type { MigrationRecord } from "../../lib/model/migration.js";
import type { CaseResult, CommandRecord, JobResult, PhaseRecord } from "../../lib/model/result.js";
import {
  buildCase,
  buildCheck,
  buildCommand,
  buildJob,
  buildLeg,
  buildMigration,
  buildPhase,
  buildProfile,
  buildResult,
} from "./build.js";
import { buildLegPath } from "./build-path.js";

/** A job with every verdict and most of what can happen to a case, for golden files and for looking at. */
export const sampleJob = (): JobResult =>
  buildJob(
    [
      watched(storm(1, "orderly.precopy")),
      storm(2, "simultaneous.precopy"),
      tooLong(storm(3, "cross.postcopy.stressed")),
      slow(storm(4, "orderly.postcopy.stressed")),
      lost(storm(5, "simultaneous.postcopy.stressed")),
      {
        ...notRun(6, "cross.precopy.tls"),
        status: "SKIP",
        reason: "h2 has no TLS certificates: /etc/pki/libvirt-migrate is missing",
      },
      {
        ...storm(7, "orderly.precopy.multifd"),
        status: "CANCEL",
        reason: "QEMU 7.2 on h1 does not know 4 connections",
        checks: [],
      },
      cutOff(storm(8, "cross.precopy")),
      {
        ...notRun(9, "simultaneous.precopy.xbzrle"),
        status: "SKIP",
        reason: "the job ended before this case was started",
      },
    ],
    { interrupted: true, durationMs: 148_420, profile: buildProfile() },
  );

/** One case of two guests and two legs, as the engine leaves it: ten checks, and commands of which most only ask. */
export function storm(number: number, variants: string, questions = 6): CaseResult {
  const baseMs = number * 15_000;
  const guests = [1, 2].map((guest) => `ms-ab12cd3-${String(number).padStart(3, "0")}-g${guest}`);
  const [postcopy, isOrderly] = [variants.includes("postcopy"), variants.startsWith("orderly")];
  const migrations = [1, 2].flatMap((leg) =>
    guests.map((guest, index) =>
      move(guest, leg, baseMs + 3_000 + leg * 3_200 + index * (isOrderly ? 1_450 : 40), postcopy),
    ),
  );
  return buildResult({
    case: buildCase({ id: `smoke.${variants}`, variants: variants.split("."), tags: ["smoke"], testIds: ["TC-17"] }),
    durationMs: 12_310 + number * 37,
    checks: goodChecks(),
    legs: [1, 2].map((leg) => {
      const own = migrations.filter((migration) => migration.leg === leg);
      return buildLeg({
        number: leg,
        width: isOrderly ? 1 : 2,
        moves: own.map(({ guest, source, target }) => ({ guest, from: source, to: target })),
        startMs: Math.min(...own.map(({ startMs = 0 }) => startMs)) - 20,
        endMs: Math.max(...own.map(({ endMs = 0 }) => endMs)) + 30,
      });
    }),
    migrations,
    phases: phases(baseMs),
    commands: commands(baseMs, guests, migrations, questions),
  });
}

function move(guest: string, leg: number, startMs: number, postcopy: boolean): MigrationRecord {
  const [source, target] = leg % 2 === 1 ? ["h1", "h2"] : ["h2", "h1"];
  const wallMs = 1_180 + ((startMs / 10) % 170);
  return buildMigration({
    guest,
    leg,
    source,
    target,
    startMs,
    endMs: startMs + wallMs,
    command: [
      "virsh",
      "-c",
      "qemu:///system",
      "migrate",
      "--live",
      "--verbose",
      ...(postcopy ? ["--postcopy", "--postcopy-after-precopy"] : ["--auto-converge"]),
      "--domain",
      guest,
      "--desturi",
      `qemu+tcp://${target}/system`,
      "--migrateuri",
      `tcp://${target}-mig`,
    ],
    stats: {
      totalTimeMs: wallMs - 160,
      reportedDowntimeMs: 31 + (startMs % 23),
      dataProcessedBytes: 71_303_168 + startMs * 64,
      iterations: postcopy ? 2 : 4,
    },
    silence: {
      longestMs: 60 + (startMs % 41),
      intervalMs: 10,
      sent: 132,
      received: 125,
      duplicates: 0,
      answeredAfter: true,
    },
  });
}

const goodChecks = (): CheckResult[] => [
  buildCheck({ message: "all 4 migrations completed" }),
  buildCheck({ check: "running-on-target", message: "every guest runs where it had to be and nowhere else" }),
  buildCheck({
    check: "downtime",
    message: "no guest was silent longer than allowed",
    measured: { longestMs: 96, warnMs: 1_000, limitMs: 30_000 },
  }),
  buildCheck({ check: "reachable", message: "every guest answered before and after", measured: { pings: 10 } }),
  buildCheck({ check: "same-boot", message: "no guest was restarted" }),
  buildCheck({ check: "guest-kernel-log", message: "no new trace, warning or I/O error in 2 guests" }),
  buildCheck({ check: "host-kernel-log", message: "no new trace, warning or I/O error on 2 hosts" }),
  buildCheck({ check: "load-alive", message: "2 loads ran on with the same process", measured: { cpuS: 9.4 } }),
  buildCheck({ check: "overlap", message: "the migrations of every leg overlapped", measured: { shortestMs: 1_102 } }),
  buildCheck({ check: "leftovers", message: "nothing was left on either host" }),
];

const phases = (baseMs: number): PhaseRecord[] => {
  const lengths: [string, number][] = [
    ["inspect hosts", 310],
    ["prepare hosts", 420],
    ["start 2 guests", 3_900],
    ["start load", 260],
    ["evidence before", 700],
    ["leg 1 of 2 (there)", 3_050],
    ["leg 2 of 2 (back)", 3_060],
    ["evidence after", 530],
    ["restore", 640],
  ];
  let startMs = baseMs;
  return lengths.map(([name, durationMs]) => {
    const phase = buildPhase({ name, startMs, durationMs });
    startMs += durationMs;
    return phase;
  });
};

function commands(
  baseMs: number,
  guests: readonly string[],
  migrations: readonly MigrationRecord[],
  questions: number,
): CommandRecord[] {
  const asked = Array.from({ length: questions }, (_, index) =>
    buildCommand({
      host: index % 2 === 0 ? "h1" : "h2",
      argv: ["virsh", "-c", "qemu:///system", "domstate", guests[index % 3 === 0 ? 1 : 0] ?? ""],
      startMs: baseMs + 800 + Math.round((index * 9_600) / questions),
      durationMs: 19 + (index % 7),
    }),
  );
  const ports = ["h1", "h2"].map((host) =>
    buildCommand({
      host,
      argv: [
        "iptables",
        "-I",
        "INPUT",
        "-p",
        "tcp",
        "--dport",
        "49152:49215",
        "-j",
        "ACCEPT",
        "-m",
        "comment",
        "--comment",
        "migstorm ab12cd3",
      ],
      what: "open tcp 49152-49215 in iptables",
      startMs: baseMs + 340,
      durationMs: 11,
    }),
  );
  const moves = migrations.map(({ source, command = [], startMs = 0, endMs = 0, outcome, error }) =>
    buildCommand({
      host: source,
      argv: command,
      startMs,
      durationMs: endMs - startMs,
      ...(outcome === "completed" ? {} : { exitCode: 1 }),
      ...(error === undefined ? {} : { stderr: `error: ${error}\n` }),
    }),
  );
  return [...ports, ...asked, ...moves].sort((a, b) => a.startMs - b.startMs);
}

const replaced = (checks: readonly CheckResult[], ...others: CheckResult[]): CheckResult[] =>
  checks.map((check) => others.find((other) => other.check === check.check) ?? check);

function tooLong(result: CaseResult): CaseResult {
  const limit = { longestMs: 41_230, warnMs: 1_000, limitMs: 30_000 };
  return {
    ...result,
    status: "FAIL",
    migrations: result.migrations.map((migration, index) =>
      index === 2 && migration.silence !== undefined
        ? { ...migration, silence: { ...migration.silence, longestMs: 41_230, answeredAfter: false } }
        : migration,
    ),
    checks: replaced(
      result.checks,
      buildCheck({
        check: "downtime",
        status: "FAIL",
        message: "g1 was silent for 41230 ms in leg 2, the limit is 30000 ms",
        measured: limit,
      }),
      buildCheck({
        check: "guest-kernel-log",
        status: "FAIL",
        message: "g1: BUG: soft lockup - CPU#0 stuck for 23s! [stress-ng-vm:412]",
        measured: { newLines: 14 },
      }),
    ),
  };
}

const slow = (result: CaseResult): CaseResult => ({
  ...result,
  status: "WARN",
  checks: replaced(
    result.checks,
    buildCheck({
      check: "downtime",
      status: "WARN",
      message: "g2 was silent for 1380 ms in leg 1, close to the limit",
      measured: { longestMs: 1_380, warnMs: 1_000, limitMs: 30_000 },
    }),
  ),
});

function lost(result: CaseResult): CaseResult {
  const error = "the connection to h1 broke and neither host could settle where the guest runs";
  return {
    ...result,
    status: "ERROR",
    reason: "leg 2 of 2 (back) ran past 180 s",
    migrations: result.migrations.map((migration, index) => {
      const { stats: _, silence: __, endMs: ___, ...rest } = migration;
      if (index === 1)
        return {
          ...rest,
          endMs: (rest.startMs ?? 0) + 900,
          outcome: "failed",
          error:
            "internal error: unable to execute QEMU command 'migrate': \u001b[31mPostcopy is not supported\u001b[0m",
        };
      return index === 3 ? { ...rest, outcome: "unknown", error } : migration;
    }),
    checks: replaced(result.checks, buildCheck({ status: "ERROR", message: `g2: ${error}` })),
    phases: result.phases.map((phase) =>
      phase.name.startsWith("leg 2") ? { ...phase, error: "ran past 180 s" } : phase,
    ),
    leftovers: ["h1: rule for tcp 49152-49215 in iptables"],
  };
}

/** With what was seen of the ways of its two legs; the way back is tunnelled. */
function watched(result: CaseResult): CaseResult {
  const migrations = result.migrations.slice(0, 1).concat(result.migrations.slice(2, 3));
  return {
    ...result,
    migrations: migrations.map((one) =>
      one.leg === 2 ? { ...one, command: [...(one.command ?? []), "--tunnelled"] } : one,
    ),
    path: migrations.map(({ leg, source, target, guest, stats }) =>
      buildLegPath({
        ...{ leg, source, target, guest },
        ...(leg === 2 ? { rpcBytes: stats?.dataProcessedBytes ?? 0, dataBytes: 0, daemonsS: [0.06, 0.05] } : {}),
      }),
    ),
  };
}

function cutOff(result: CaseResult): CaseResult {
  return {
    ...result,
    status: "INTERRUPTED",
    reason: "Ctrl-C",
    checks: [],
    legs: result.legs.slice(0, 1),
    migrations: result.migrations.slice(0, 2),
    phases: result.phases.slice(0, 6),
    commands: result.commands.slice(0, 12),
  };
}

function notRun(number: number, variants: string): CaseResult {
  const { case: planned } = storm(number, variants);
  return {
    ...buildResult({ case: planned }),
    durationMs: 0,
    checks: [],
    legs: [],
    migrations: [],
    phases: [],
    commands: [],
  };
}
