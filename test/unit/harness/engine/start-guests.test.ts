import assert from "node:assert/strict";
import type { CaseContext } from "../../../../harness/engine/context.js";
import { prepareHosts } from "../../../../harness/engine/steps/prepare-hosts.js";
import { startGuests } from "../../../../harness/engine/steps/start-guests.js";
import type { StepTold } from "../../../../lib/model/event.js";
import type { HostFacts } from "../../../../lib/model/result.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

/** A host on which SELinux keeps QEMU from NFS. */
const run: Run = async (command) => ({
  ...{ command, host: "h1", exitCode: 0, stderr: "", durationMs: 1 },
  stdout: command.file === "getsebool" ? "virt_use_nfs --> off\n" : "",
});

describe("the way to the storage", () => {
  it("is given back with the guests that need it, not with the case, which they may outlive", async () => {
    const fake = fakeCase({ h1: { run }, h2: { run }, observer: {} });
    const changes: string[] = [];
    const changing =
      (journal: string): CaseContext["change"] =>
      async (machine, list) => {
        for (const { what } of list) changes.push(`${journal}: ${machine.name}: ${what.replace(/ \(.*/, "")}`);
      };
    const ctx: CaseContext = {
      ...fake,
      inventory: { ...fake.inventory, storage: { kind: "directory", path: "/guests" } },
      hosts: new Map(
        [...fake.hosts].map(([name, handle]) => [name, { ...handle, facts: { seLinux: "enforcing" } as HostFacts }]),
      ),
      plan: { ...fake.plan, guests: [] },
      change: changing("case"),
      herd: { ...fake.herd, change: changing("guests") },
    };
    ctx.state.guests.clear();
    await prepareHosts(ctx);
    await startGuests(ctx, new AbortController().signal, () => undefined);
    assert.deepEqual(
      changes.filter((change) => change.includes("virt_use_nfs")),
      ["guests: h1: SELinux: virt_use_nfs on", "guests: h2: SELinux: virt_use_nfs on"],
    );
  });
});

describe("the step that starts guests", () => {
  const told = async (over: Partial<CaseContext["plan"]>, whyGone?: string): Promise<StepTold[]> => {
    const { plan, herd, ...fake } = fakeCase({ h1: { run }, h2: { run }, observer: {} });
    const ctx: CaseContext = {
      ...fake,
      plan: { ...plan, guests: [], ...over },
      change: async () => undefined,
      herd: { ...herd, change: async () => undefined, whyGone: () => whyGone },
    };
    ctx.state.guests.clear();
    const all: StepTold[] = [];
    await startGuests(ctx, new AbortController().signal, (did) => all.push(did));
    return all;
  };
  const note = (why: string): StepTold => ({
    name: "start 1 guests",
    note: `the guests of s.first were not taken over: ${why}`,
  });

  it("tells that it booted those that it was to take over, and why", async () => {
    assert.deepEqual(await told({ herd: "s.first" }, "s.before came to WARN"), [note("s.before came to WARN")]);
    assert.deepEqual(await told({ herd: "s.first" }), [note("no case of this run has left any")]);
  });
  it("tells nothing where it was to boot them", async () => {
    assert.deepEqual(await told({}), []);
  });
});
