import assert from "node:assert/strict";
import { type SoakState, whyEnded } from "../../../../harness/soak/why-ended.js";
import { buildPass } from "../../../support/build.js";

const GOING: SoakState = { passes: [], stopped: undefined, timeIsUp: undefined, most: undefined, untilFail: false };
const ok = buildPass({ pass: 1 });
const bad = buildPass({ pass: 2, exitCode: 1 });
const away = buildPass({ pass: 3, exitCode: 2, reason: "h1: no answer" });

describe("a soak", () => {
  const table: [name: string, state: Partial<SoakState>, why: RegExp | undefined][] = [
    ["begins", {}, undefined],
    ["goes on after a pass that was OK", { passes: [ok] }, undefined],
    ["goes on after one that was not", { passes: [ok, bad] }, undefined],
    ["ends with that one when it is told to", { passes: [ok, bad], untilFail: true }, /^pass 2 was not OK$/],
    ["ends when all passes were run", { passes: [ok, bad], most: 2 }, /^all passes were run$/],
    ["counts those that have no line any more", { passes: [ok, bad], earlier: 5, most: 7 }, /^all passes were run$/],
    ["goes on until then", { passes: [ok], most: 2 }, undefined],
    ["ends when its time is over", { passes: [ok], timeIsUp: "over" }, /^over$/],
    ["goes on when hosts were away once", { passes: [ok, away] }, undefined],
    ["ends when they are away twice", { passes: [ok, away, away] }, /^pass 3 could not be run: h1: no answer$/],
    ["does not count times that were not one after the other", { passes: [ok, away, ok, away] }, undefined],
    ["ends when they were never there", { passes: [away] }, /could not be run/],
    [
      "ends when a host was left changed",
      { passes: [{ ...bad, isDirty: true }] },
      /^pass 2 left a host changed: .*recover/,
    ],
    [
      "ends when hosts are kept to be looked at",
      { passes: [{ ...bad, isDirty: true, isKept: true }] },
      /^pass 2 is kept to be looked at: `migstorm release`/,
    ],
    [
      "ends when nobody knows what was left",
      { passes: [ok, { ...away, isDirty: true }] },
      /^pass 3 broke off \(h1.*recover/,
    ],
    [
      "ends when it is stopped, whatever else",
      { passes: [away], stopped: "stopped by SIGINT", timeIsUp: "over" },
      /SIGINT/,
    ],
  ];
  for (const [name, state, why] of table)
    it(name, () => {
      const told = whyEnded({ ...GOING, ...state });
      if (why === undefined) assert.equal(told, undefined);
      else assert.match(told ?? "", why);
    });
});
