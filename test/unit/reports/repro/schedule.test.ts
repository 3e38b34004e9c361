import assert from "node:assert/strict";
import type { CommandRecord } from "../../../../lib/model/result.js";
import { schedule } from "../../../../reports/repro/schedule.js";
import { buildCommand } from "../../../support/build.js";

const change = (what: string, startMs: number, durationMs = 10, over: Partial<CommandRecord> = {}): CommandRecord =>
  buildCommand({ what, startMs, durationMs, ...over });
const migrate = (guest: string, startMs: number, durationMs: number): CommandRecord =>
  change(guest, startMs, durationMs, { argv: ["virsh", "-c", "qemu:///system", "migrate", "--domain", guest] });

const told = (commands: readonly CommandRecord[]): string[] =>
  schedule(commands).map((action) => {
    if (action.kind === "pause") return `pause ${action.seconds}`;
    if (action.kind === "wait") return `wait ${action.number}`;
    return action.kind === "change"
      ? (action.command.what ?? "")
      : `${action.command.what}${action.besides ? " &" : ""} = ${action.number}`;
  });

describe("reports/repro/schedule", () => {
  it("leaves out questions, undos and what does nothing, and puts the rest in the order of its begin", () => {
    const { what: _, ...question } = change("", 5);
    assert.deepEqual(
      told([question, change("b", 20), change("a", 10), change("undo: a", 30), change("c", 40, 1, { argv: ["true"] })]),
      ["a", "b"],
    );
  });

  it("migrations one after another follow each other, with the time between them", () => {
    assert.deepEqual(told([migrate("g1", 1_000, 500), migrate("g2", 2_000, 500)]), ["g1 = 1", "pause 0.5", "g2 = 2"]);
  });

  it("migrations beside each other are waited for before what came after them", () => {
    assert.deepEqual(told([migrate("g1", 0, 900), migrate("g2", 5, 700), change("open", 1_000)]), [
      "g1 & = 1",
      "g2 = 2",
      "wait 1",
      "pause 0.1",
      "open",
    ]);
  });

  it("what was done while a migration ran comes as long after its begin", () => {
    assert.deepEqual(told([migrate("g1", 0, 9_000), change("close", 3_000)]), [
      "g1 & = 1",
      "pause 3",
      "close",
      "wait 1",
    ]);
  });

  it("an hour without commands is not waited for", () => {
    assert.deepEqual(told([change("a", 0), change("b", 3_600_000)]), ["a", "pause 60", "b"]);
  });
});
