import assert from "node:assert/strict";
import { caseWorld } from "../../../../harness/engine/case-world.js";
import type { CaseContext, LoggedIn } from "../../../../harness/engine/context.js";
import { takeOverGuests } from "../../../../harness/engine/take-over.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";
import { fakeCase } from "./fake-case.js";

const says =
  (stdout: string): Run =>
  async (command) => ({ ...{ command, host: "h1", exitCode: 0, stderr: "", durationMs: 1 }, stdout });

const BOOT_ID = "b15f81ec-b06a-48c7-b737-e16e25b05620";

describe("guests that an earlier case has left", () => {
  it("are told as such in the evidence, with the host that they ran on from the beginning", async () => {
    const fake = fakeCase({
      h1: { run: says("Domain: 'g1'\n  state.state=1\n") },
      h2: { run: says("") },
      observer: {},
    });
    const remote = { name: "g1", run: says(`${BOOT_ID}\n12.50 20.00\n`) } as Partial<Remote> as Remote;
    const kept = new Map<string, LoggedIn>([["g1", { address: "198.18.1.1", remote }]]);
    const ctx: CaseContext = { ...fake, herd: { ...fake.herd, kept: () => kept } };
    const evidence = () =>
      caseWorld(ctx, {
        undoAll: async () => [],
        store: async () => undefined,
        storeCollected: async () => undefined,
      }).evidence();
    assert.equal((await evidence()).guests[0]?.takenOverOn, undefined);
    assert.equal(await takeOverGuests(ctx), undefined);
    assert.equal((await evidence()).guests[0]?.takenOverOn, "h1");
  });

  it("are left alone, with the reason, where they are not as they have to be", async () => {
    const why = async (onH1: string, onH2: string, answer?: Run): Promise<string | undefined> => {
      const fake = fakeCase({ h1: { run: says(onH1) }, h2: { run: says(onH2) }, observer: {} });
      const run = answer ?? says(`${BOOT_ID}\n12.50 20.00\n`);
      const kept = new Map<string, LoggedIn>([
        ["g1", { address: "198.18.1.1", remote: { name: "g1", run } as Partial<Remote> as Remote }],
      ]);
      const reason = await takeOverGuests({ ...fake, herd: { ...fake.herd, kept: () => kept } });
      assert.equal(fake.state.guests.get("g1")?.takenOverOn, undefined);
      return reason;
    };
    const RUNNING = "Domain: 'g1'\n  state.state=1\n";
    assert.equal(await why("Domain: 'g1'\n  state.state=5\n", ""), "g1 is shut off on h1");
    assert.equal(await why("", RUNNING), "g1 is absent on h1");
    assert.equal(await why(RUNNING, RUNNING), "g1 is running on h2");
    const broken: Run = () => Promise.reject(new Error("ssh broke"));
    assert.equal(await why(RUNNING, "", broken), "g1 does not answer");
  });
});
