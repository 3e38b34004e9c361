import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { caseContext } from "../../../harness/case-context.js";
import { type Machines, openMachines } from "../../../harness/machines.js";
import { createJournal } from "../../../lib/journal/journal.js";
import { inventorySchema } from "../../../lib/model/inventory.js";
import type { JobRecord } from "../../../lib/model/job.js";
import { paramsSchema } from "../../../lib/model/params.js";
import type { RunnablePlan } from "../../../lib/model/plan.js";
import type { HostFacts } from "../../../lib/model/result.js";
import { type OwnServer, PASSWORD, startOwnServer } from "../lib/transport/own-server.js";

describe("guests that are made anew under their old names", () => {
  let folder: string;
  let servers: OwnServer[];
  let machines: Machines | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "case-context-"));
    // Each has a host key of its own, as every first boot of a cloud image has.
    servers = [await startOwnServer(), await startOwnServer()];
  });
  afterEach(async () => {
    await machines?.close();
    for (const server of servers) server.stop();
    await rm(folder, { recursive: true });
  });

  it("are held to the key that they show first, once those before them are gone", async () => {
    const images = servers.map(({ port }, index) => [
      `made-${index}`,
      { kernel: "/k", login: { port, passwordEnv: "GUEST", hostKey: "first-use" } },
    ]);
    const inventory = inventorySchema.parse({
      hosts: ["h1", "h2"].map((name) => ({ name, local: true, peerUri: `qemu+tcp://${name}/system` })),
      images: Object.fromEntries(images),
      network: { bridge: "br0" },
    });
    const job = { inventory, jobKey: "ab12cd3", token: "t1", hosts: ["h1", "h2"] } as unknown as JobRecord;
    machines = await openMachines(inventory, inventory.hosts, () => PASSWORD);
    const guest = { name: "g1", image: "made-0", host: "h1", mac: "52:54:00:00:00:01" };
    const again = { ...guest, image: "made-1" };
    const plan: RunnablePlan = {
      verdict: "run",
      case: { id: "s.a", scenario: "s", variants: [], tags: [], testIds: [], params: paramsSchema.parse({}) },
      hosts: ["h1", "h2"],
      guests: [guest, again],
      booters: [],
      herd: "s.a",
      leavesGuests: false,
      steps: [],
    };
    const journal = join(folder, "undo.ndjson");
    await createJournal(journal);
    const { ctx } = caseContext({
      ...{ job, plan, machines, folder, journal },
      facts: ["h1", "h2"].map((host) => ({ host }) as HostFacts),
      edges: { progress: () => undefined, live: false, log: { emit: () => undefined, nowMs: () => 0 } },
      herd: { leader: "s.a", journal, logins: new Map() },
    });
    await ctx.openGuest(guest, "127.0.0.1");
    await assert.rejects(ctx.openGuest(again, "127.0.0.1"), /host key/i);
    assert.deepEqual(await ctx.herd.dismiss(), []);
    await ctx.openGuest(again, "127.0.0.1");
    assert.deepEqual(await ctx.herd.dismiss(), []);
  });
});
