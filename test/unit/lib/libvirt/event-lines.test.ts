import assert from "node:assert/strict";
import { flushEvent, type PendingEvent, takeEventLine, type VirshEvent } from "../../../../lib/libvirt/event-lines.js";
import { fixture } from "../../../support/fixture.js";

function readAll(text: string): VirshEvent[] {
  let pending: PendingEvent | undefined;
  const events: VirshEvent[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const taken = takeEventLine(pending, line);
    pending = taken.pending;
    events.push(...taken.done);
  }
  return [...events, ...flushEvent(pending)];
}
const brief = (name: string): string[] =>
  readAll(fixture(`virsh-9.0.0/event-${name}.txt`)).map(({ event, detail }) => `${event}: ${detail}`);

describe("events of libvirt", () => {
  it("reads the source of a migration, with its figures", () => {
    const events = readAll(fixture("virsh-9.0.0/event-precopy-source.txt"));
    assert.deepEqual(
      events.map(({ event, detail }) => `${event}: ${detail}`),
      [
        "migration-iteration: iteration: '1'",
        "migration-iteration: iteration: '2'",
        "lifecycle: Suspended Migrated",
        "migration-iteration: iteration: '3'",
        "lifecycle: Stopped Migrated",
        "job-completed: ",
      ],
    );
    const last = events.at(-1);
    assert.equal(last?.guest, "ms-ab12cd3-001-g1");
    assert.equal(last?.stats?.totalTimeMs, 368);
    assert.equal(last?.stats?.reportedDowntimeMs, 58);
    assert.equal(last?.fields?.operation, "5");
    assert.match(last?.hostTime ?? "", /^2026-11-21 10:26:11/);
  });
  it("reads the target", () =>
    assert.deepEqual(brief("precopy-target"), [
      "lifecycle: Started Migrated",
      "lifecycle: Defined Added",
      "lifecycle: Resumed Migrated",
    ]));
  it("sees the switch to postcopy", () => {
    assert.ok(brief("timeout-postcopy-source").includes("lifecycle: Suspended Post-copy"));
    assert.ok(brief("timeout-postcopy-target").includes("lifecycle: Resumed Post-copy"));
  });
  it("sees a target that gave up", () => assert.ok(brief("aborted-target").includes("lifecycle: Stopped Failed")));
  it("reads older virsh, which quotes no names", () =>
    assert.deepEqual(readAll("event 'lifecycle' for domain g1: Suspended Paused"), [
      { guest: "g1", event: "lifecycle", detail: "Suspended Paused" },
    ]));
  it("flushes figures before the next event", () => {
    const [first, second] = readAll(
      "event 'job-completed' for domain 'a':\n\tdowntime: 7\nevent 'lifecycle' for domain 'b': Started Booted\n",
    );
    assert.equal(first?.stats?.reportedDowntimeMs, 7);
    assert.equal(second?.guest, "b");
  });
  it("leaves out what is no event", () =>
    assert.deepEqual(readAll("error: Disconnected from qemu:///system\n\tlost: 1\nevents received: 3\n"), []));
});
