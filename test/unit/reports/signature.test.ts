import assert from "node:assert/strict";
import { judge } from "../../../harness/checks/index.js";
import type { Evidence } from "../../../lib/model/check.js";
import { failureOf, failureSignature, signatureOf } from "../../../reports/signature.js";
import { buildCheck, buildMigration, buildResult } from "../../support/build.js";
import { evidence, evidenceWith, guest, host, record } from "../harness/checks/build.js";
import { HOSTILE } from "./hostile-corpus.js";

const fail = (message: string, names: readonly string[] = []): string =>
  signatureOf({ status: "FAIL", check: "x", message }, names);

/** What a check says of made evidence, as the report groups it. */
function judged(check: string, made: Evidence): string {
  const found = judge(made).find((one) => one.check === check);
  assert.ok(found !== undefined && found.status !== "PASS", `${check} found nothing`);
  return signatureOf(found, ["h1", "h2", "alpha", "beta", ...made.guests.map(({ guest: name }) => name)]);
}

const named = (name: string, over: Partial<Evidence>): Evidence =>
  evidence({
    ...over,
    guests: (over.guests ?? [guest()]).map((one) => ({ ...one, guest: name })),
    migrations: (over.migrations ?? [record(1), record(2)]).map((one) => ({ ...one, guest: name })),
  });

const silent = (longestMs: number, answeredAfter = true) => ({
  silence: { longestMs, intervalMs: 10, sent: 10, received: 9, duplicates: 0, answeredAfter },
});
const oops = (text: string) => ({ kernelLog: { added: [{ level: 3, text }] } });

describe("the signature of a failure", () => {
  const same: readonly (readonly [what: string, check: string, one: Evidence, other: Evidence])[] = [
    [
      "a silence of another guest, leg and length",
      "silence",
      named("ms-ab12cd3-001-g1", { migrations: [record(1, silent(41_230)), record(2)] }),
      named("ms-0f9e8d7-217-g2", { migrations: [record(1, silent(30_001)), record(2, silent(99_999))] }),
    ],
    [
      "a migration that failed, with another address in libvirt's words",
      "outcome",
      evidence({ migrations: [record(1, { outcome: "failed", error: "unable to connect to '198.19.0.12:49152'" })] }),
      evidence({ migrations: [record(1, { outcome: "failed", error: "unable to connect to '10.0.0.7:49171'" })] }),
    ],
    [
      "two guests that are left instead of one",
      "residue",
      named("ms-ab12cd3-001-g1", {
        hosts: [host("h1", { after: { ...host("h1").after!, domains: ["ms-ab12cd3-001-g1"] } }), host("h2")],
      }),
      evidence({
        guests: [guest({ guest: "ms-0f9e8d7-002-g1" }), guest({ guest: "ms-0f9e8d7-002-g2" })],
        hosts: [
          host("h2", { after: { ...host("h2").after!, domains: ["ms-0f9e8d7-002-g1", "ms-0f9e8d7-002-g2"] } }),
          host("h1"),
        ],
      }),
    ],
    [
      "other ports",
      "residue",
      evidence({ hosts: [host("h1", { after: { ...host("h1").after!, migrationListeners: [49_152] } })] }),
      evidence({ hosts: [host("h2", { after: { ...host("h2").after!, migrationListeners: [49_160, 49_161] } })] }),
    ],
    [
      "another boot id",
      "uptime",
      evidence({ guests: [guest({ after: { ...guest().after!, bootId: "c15f81ec-b06a-48c7-b737-e16e25b05620" } })] }),
      evidence({ guests: [guest({ after: { ...guest().after!, bootId: "00000000-b06a-48c7-b737-aaaaaaaaaaaa" } })] }),
    ],
    [
      "a kernel's trace of another process, with more lines",
      "guest-kernel-log",
      evidence({ guests: [guest(oops("watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [stress-ng-vm:412]"))] }),
      evidence({
        guests: [
          guest({
            kernelLog: {
              added: [7, 22, 104].map((pid) => ({
                level: 3,
                text: `watchdog: BUG: soft lockup - CPU#3 stuck for 104s! [stress-ng-vm:${pid}]`,
              })),
            },
          }),
        ],
      }),
    ],
    [
      "hosts whose names are words",
      "place",
      evidence({ guests: [guest({ finalHosts: [], expectedHost: "alpha" })] }),
      evidence({ guests: [guest({ finalHosts: [], expectedHost: "beta" })] }),
    ],
    [
      "a load that another pid had and that was missed at another look",
      "load",
      loadGone("ms-ab12cd3-001-g1", 3, ["while it began", "before"]),
      loadGone("ms-0f9e8d7-003-g2", 9, ["before", "after leg 1", "after leg 2"]),
    ],
  ];
  for (const [what, check, one, other] of same)
    it(`is the same for ${what}`, () => assert.equal(judged(check, one), judged(check, other)));

  it("tells faults of one check apart", () => {
    const tooLong = judged("silence", evidence({ migrations: [record(1, silent(41_230))] }));
    const gone = judged("silence", evidence({ migrations: [record(1, silent(41_230, false))] }));
    assert.equal(tooLong, "FAIL silence: *, leg #: silent for # ms, the limit is # ms");
    assert.equal(gone, "FAIL silence: *, leg #: did not answer any more, for # ms");
  });

  it("tells a load that ended from one that never ran", () => {
    assert.equal(
      judged("load", loadGone("ms-ab12cd3-001-g1", 3, ["before", "after leg 1"])),
      "ERROR load: stress-ng on *: not running any more",
    );
    assert.equal(
      judged("load", loadGone("ms-ab12cd3-001-g1", 3, ["while it began"])),
      "ERROR load: stress-ng on *: not running while it began, was never seen running",
    );
  });

  it("tells checks and verdicts apart", () => {
    const message = "h1: x";
    assert.notEqual(
      signatureOf({ status: "FAIL", check: "a", message }),
      signatureOf({ status: "FAIL", check: "b", message }),
    );
    assert.notEqual(
      signatureOf({ status: "FAIL", check: "a", message }),
      signatureOf({ status: "ERROR", check: "a", message }),
    );
  });

  it("takes names out as words only, and longer ones first", () => {
    assert.equal(fail("web: webs and web-two left web.", ["web", "web-two"]), "FAIL x: *: webs and * left *.");
    assert.equal(fail("a.b+c: gone", ["a.b+c", "axb"]), "FAIL x: *: gone");
  });

  it("takes ids, addresses and the names of a lab out", () => {
    assert.equal(
      fail("run-8922ae3-h1: 52:54:00:ab:cd:ef fe80::5054:ff:fe12:3456 0xffff8880 (1234) deadbeef1 9.0.0"),
      "FAIL x: *: # # # (#) # #",
    );
    assert.equal(fail("EXT4-fs error on the facade"), "FAIL x: EXT#-fs error on the facade");
  });

  it("does not depend on where a kernel's line was cut", () => {
    const text = (number: string): string => `g1: its kernel says "Call Trace: ${`at ${number} in f `.repeat(40)}`;
    assert.equal(fail(`${text("1").slice(0, 180)}"`), fail(`${text("123456").slice(0, 180)}"`));
  });

  it("is short, one line and harmless, whatever was said", () => {
    for (const text of HOSTILE) {
      const signature = signatureOf({ status: "ERROR", check: text, message: text }, [text, `${text}${text}`]);
      assert.ok(signature.length <= 300);
      assert.doesNotMatch(signature, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });
});

describe("what decided a case", () => {
  it("is the check whose verdict it has", () => {
    const result = buildResult({
      status: "FAIL",
      checks: [
        buildCheck({ check: "mode", status: "WARN", message: "w" }),
        buildCheck({ check: "silence", status: "FAIL", message: "f" }),
      ],
    });
    assert.deepEqual(failureOf(result), { status: "FAIL", message: "f", check: "silence" });
  });

  it("is the check also where it gave no reason", () => {
    const checks = [buildCheck({ check: "silence", status: "FAIL", message: "" })];
    assert.equal(failureOf(buildResult({ status: "FAIL", checks }))?.check, "silence");
  });

  it("is the reason, and no check, of a case that broke off", () => {
    const checks = [buildCheck({ status: "ERROR", message: "there was nothing to judge" })];
    const result = buildResult({ status: "ERROR", reason: "leg 2 of 2 (back) ran past 180 s", checks });
    assert.deepEqual(failureOf(result), { status: "ERROR", message: "leg 2 of 2 (back) ran past 180 s" });
    assert.equal(failureSignature(result, []), "ERROR: leg # of # (back) ran past # s");
  });

  it("knows the names of the case's guests and of the hosts", () => {
    const result = buildResult({
      status: "ERROR",
      reason: "web is not on alpha",
      migrations: [buildMigration({ guest: "web" })],
    });
    assert.equal(failureSignature(result, ["alpha"]), "ERROR: * is not on *");
  });

  it("is nothing for a case that is OK", () => {
    for (const status of ["PASS", "WARN", "SKIP", "CANCEL"] as const)
      assert.equal(failureSignature(buildResult({ status, reason: "x" }), []), undefined);
  });
});

/** Alive at all looks but the last. */
function loadGone(place: string, pid: number, looks: readonly string[]): Evidence {
  const sightings = looks.map((when, index) => ({ atMs: 1, when, alive: index < looks.length - 1, cpuS: 1 }));
  return evidenceWith(
    { load: [{ on: "guests", tool: "stress-ng", args: ["--cpu", "1"] }] as never },
    { load: [{ place, tool: "stress-ng", pid, sightings }] },
  );
}
