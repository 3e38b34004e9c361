import assert from "node:assert/strict";
import type { Evidence, GuestEvidence, HostEvidence, KernelLine } from "../../../lib/model/check.js";
import type { CaseResult, JobResult } from "../../../lib/model/result.js";
import { type CaseFacts, caseFacts } from "../../../reports/run-document/case-facts.js";
import { phasesOf } from "../../../reports/run-document/phases.js";
import { renderRunDocument } from "../../../reports/run-document/run-document.js";
import { code, percent, plainOrCode, quantile, seconds, whole } from "../../../reports/run-document/words.js";
import {
  buildCase,
  buildCheck,
  buildJob,
  buildMigration,
  buildParams,
  buildPhase,
  buildResult,
} from "../../support/build.js";
import { HOSTILE, jobOf } from "./hostile-corpus.js";

const strike = (pid: number, group?: string): KernelLine[] => [
  { level: 4, text: "stress invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0" },
  ...(group === undefined
    ? []
    : [{ level: 6, text: `oom-kill:oom_memcg=${group},task_memcg=${group},task=stress,pid=${pid}` }]),
  { level: 3, text: `Memory cgroup out of memory: Killed process ${pid} (stress) total-vm:64828kB` },
];
const host = (name: string, added: readonly KernelLine[], over: Partial<HostEvidence> = {}): HostEvidence => ({
  ...{ host: name, kernelLog: { added } },
  ...over,
});
const guest = (over: Partial<GuestEvidence> = {}): GuestEvidence => ({
  ...{ guest: "g1", kernelLog: { added: [] }, expectedHost: "h1" },
  ...over,
});
const evidence = (over: Partial<Evidence>): Evidence =>
  ({ case: buildCase(), guests: [guest()], hosts: [], ...over }) as Evidence;

describe("what the evidence of a case tells", () => {
  it("counts a strike once, whichever hosts of one kernel read of it", () => {
    const untold = [...strike(7), ...strike(8)];
    assert.equal(caseFacts(evidence({ hosts: [host("h1", untold), host("h2", untold)] })).victims.length, 2);
    const told = [...strike(7, "/h1"), ...strike(8, "/h2"), ...strike(9, "/of-another-lab")];
    const hosts = ["/h1", "/h2"].map((controlGroup) => host(controlGroup.slice(1), told, { controlGroup }));
    assert.deepEqual(caseFacts(evidence({ hosts })).victims, ["stress", "stress"]);
  });

  it("counts strikes of two machines apart", () =>
    assert.equal(caseFacts(evidence({ hosts: [host("h1", strike(7)), host("h2", strike(8))] })).victims.length, 2));

  it("names the hosts whose log is lost", () => {
    const lost: HostEvidence = { host: "h2", kernelLog: { lost: "it was cleared" } };
    assert.deepEqual(caseFacts(evidence({ hosts: [host("h1", []), lost] })).lostLogs, ["h2"]);
  });

  it("calls guests handed on when all of them ran already, and says nothing where there are none", () => {
    const known = (...guests: GuestEvidence[]) => caseFacts(evidence({ guests })).isHandedOn;
    const old = guest({ takenOverOn: "h1" });
    assert.equal(known(old, old), true);
    assert.equal(known(old, guest()), false);
    assert.equal(known(), undefined);
  });
});

describe("phases of a case", () => {
  it("account for all of its time, guests that are taken over as well as those that are booted", () => {
    const names = [
      "inspect hosts",
      "take over 2 guests of a",
      "leg 1 of 2 (there)",
      "leg 2 of 2 (back)",
      "restore",
      "?",
    ];
    const spent = phasesOf({ durationMs: 1_000, phases: names.map((name) => buildPhase({ name, durationMs: 100 })) });
    assert.equal(
      Object.values(spent).reduce((sum, ms) => sum + ms, 0),
      1_000,
    );
    assert.deepEqual([spent.inspect, spent.guests, spent.legs, spent["last look"]], [100, 100, 200, 500]);
    assert.equal(
      phasesOf({ durationMs: 9, phases: [buildPhase({ name: "start 2 guests", durationMs: 4 })] }).guests,
      4,
    );
    assert.equal(phasesOf({ durationMs: 9, phases: [buildPhase({ name: "start load", durationMs: 4 })] }).load, 4);
  });
});

describe("numbers and texts of the document", () => {
  it("are written as people write them", () => {
    assert.deepEqual([whole(1_312), whole(999), whole(1_234_567)], ["1,312", "999", "1,234,567"]);
    assert.deepEqual([seconds(6_040), seconds(2_766_400)], ["6.0", "2,766"]);
    assert.deepEqual([percent(841, 2_766), percent(3, 100), percent(0, 0)], ["30 %", "3.0 %", "–"]);
    assert.equal(quantile([], 0.5), undefined);
    assert.deepEqual([quantile([4, 1, 3, 2], 0.5), quantile([1, 2, 3], 1)], [2.5, 3]);
  });

  it("are code when they could be anything else", () => {
    assert.equal(code("a`b|c"), "`a'b\\|c`");
    assert.deepEqual(["Debian GNU/Linux 12 (x86_64)", "<b>", "www.example", "x//y", ""].map(plainOrCode), [
      "Debian GNU/Linux 12 (x86_64)",
      "`<b>`",
      "`www.example`",
      "`x//y`",
      "",
    ]);
  });
});

describe("the document of a run", () => {
  const one = (index: number, variants: string, over: Partial<CaseResult> = {}): CaseResult =>
    buildResult({
      case: buildCase({
        ...{ id: `s.${variants}`, scenario: "s", variants: variants.split(".") },
        params: buildParams({ migration: { mode: variants.includes("postcopy") ? "postcopy" : "precopy" } }),
      }),
      durationMs: 10_000 + index * 1_000,
      ...over,
    });
  const late = buildCheck({
    ...{ check: "mode", status: "WARN", message: "ms-ab12cd3-001-g1, leg 1: finished in precopy; more" },
    measured: { due: 4, switched: 1 },
  });
  const cases = [
    one(1, "small.precopy.busy.orderly_migration"),
    one(2, "small.precopy.busy.cross_migration", { migrations: [buildMigration({ outcome: "failed" })] }),
    one(3, "small.postcopy.busy.orderly_migration", { status: "WARN", checks: [late] }),
    one(4, "small.postcopy.idle.cross_migration", {
      status: "WARN",
      checks: [{ ...late, message: "ms-ab12cd3-004-g2, leg 2: finished in precopy" }],
    }),
    one(5, "small.postcopy.idle.orderly_migration", {
      status: "SKIP",
      reason: "does not fit",
      durationMs: 0,
      migrations: [],
      checks: [],
      phases: [],
      legs: [],
    }),
  ];
  const fact = (index: number, isHandedOn: boolean, victims: string[] = []): CaseFacts => ({
    ...{ caseId: cases[index]?.case.id ?? "", isHandedOn, victims, lostLogs: [] },
  });
  const facts = [fact(0, false), fact(1, true, ["stress"]), fact(2, false, ["stress", "qemu"]), fact(3, false)];
  const argv = ["run", "s.yaml", "--results-dir", "/somewhere/else", "--lab", "--results-dir=/there"];
  const job = (over: Partial<JobResult> = {}): JobResult => buildJob(cases, { argv, ...over });
  const text = renderRunDocument(job(), facts, { commit: "abc1234", machine: { cores: 2, memoryGiB: 24 } });
  const has = (line: string): void => assert.ok(text.split("\n").includes(line), `${line}\n\n${text}`);

  it("tells what was run and where, and no folder of the machine", () => {
    has("# s, 2026-11-21: 5 cases in one job");
    has("npx migstorm run s.yaml --lab");
    assert.match(
      text,
      /^migstorm 0\.1\.0 \(commit `abc1234`\); 2 cores and 24 GiB; Linux 6\.1\.0-25-amd64, libvirt 9/m,
    );
    assert.equal(text.match(/libvirt 9\.0\.0/g)?.length, 1, "hosts that are alike are told once");
    assert.doesNotMatch(text, /somewhere|there$/m);
  });

  it("has the figures", () => {
    has("| verdicts | 2 PASS, 2 WARN, no FAIL, no ERROR, 1 SKIP |");
    has("| migrations | 4: 3 completed, 1 failed |");
    has("| switched to postcopy | 2 of 2 migrations |");
    has("| wall time | 75.2 s; 5.6 s of it (7.4 %) in the legs |");
    has("| a case | precopy 11.5 s, postcopy 13.5 s (median) |");
    has("| longest silence in a migration | median 72 ms, 99th percentile 72 ms, most 72 ms (4 migrations watched) |");
    assert.match(text, /^\| OOM strikes \| 3 \(`stress` 2, `qemu` 1\); /m);
    has("| the runner itself | 4.2 s CPU (5.6 % of one core), 131 MiB at most |");
  });

  it("splits guests that were handed on from those that were booted, by mode and by the evidence", () => {
    has("| precopy | 1 | 12.0 | 10.6 | 1 | 11.0 | 9.6 |");
    has("| postcopy | 0 | – | – | 2 | 13.5 | 12.1 |");
    assert.doesNotMatch(renderRunDocument(job(), []), /Guests handed on/);
  });

  it("groups what is not PASS by what is said, whatever the names", () => {
    has(
      "| WARN | mode | 2 | `ms-ab12cd3-001-g1, leg 1: finished in precopy` | `s.small.postcopy.busy.orderly_migration` |",
    );
    has("| SKIP | – | 1 | `does not fit` | `s.small.postcopy.idle.orderly_migration` |");
    assert.match(renderRunDocument(buildJob(), []), /^There is none\.$/m);
  });

  it("has every case in the table of its mode", () => {
    has("| load | orderly | cross |");
    has("| `busy` | PASS 11.0 / 72 | PASS 12.0 / 72 |");
    has("| `idle` | SKIP | WARN 14.0 / 72 |");
    const cells = text.slice(text.indexOf("## precopy")).match(/\b(?:PASS|WARN|SKIP)\b/g);
    assert.equal(cells?.length, cases.length);
  });

  it("names the slowest first, none of those that never ran", () => {
    const rows = text.slice(text.indexOf("## The slowest"), text.indexOf("## Every verdict")).split("\n");
    assert.deepEqual(
      rows.filter((row) => row.startsWith("| `")).map((row) => row.split("`")[1]),
      [...[3, 2, 1, 0].map((index) => cases[index]?.case.id)],
    );
  });

  it("says that a job was stopped, and what it left", () => {
    const stopped = renderRunDocument(job({ interrupted: true, leftovers: ["h1: a lock"] }), facts);
    assert.match(stopped, /^\*\*The job was stopped before its end\.\*\*$/m);
    assert.match(stopped, /^\| not put back \| `h1: a lock` \|$/m);
    assert.doesNotMatch(text, /stopped before its end|not put back/);
  });

  it("stays in its lines and cells, whatever is in it", () => {
    const shape = (told: string): string[] =>
      told.split("\n").map((line) => line.replace(/`[^`]*`/g, "").replace(/[^|`<#]/g, ""));
    const expected = shape(renderRunDocument(jobOf("pl@in"), [])).length;
    for (const hostile of HOSTILE) {
      const told = renderRunDocument(jobOf(hostile), []);
      assert.ok(Math.abs(shape(told).length - expected) <= 2, JSON.stringify(hostile.slice(0, 60)));
      assert.doesNotMatch(
        told.replace(/`[^`\n]*`/g, "").replace(/^npx .*$/m, ""),
        /<(?!br>)|\]\(|www\.|https?:/,
        JSON.stringify(hostile.slice(0, 60)),
      );
    }
  });
});
