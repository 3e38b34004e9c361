import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { undoCases } from "../../../harness/undo-cases.js";
import { createJournal, outstanding } from "../../../lib/journal/journal.js";
import { acquireLock, type HostLock } from "../../../lib/lock/host-lock.js";
import type { JobRecord } from "../../../lib/model/job.js";
import { openLocal } from "../../../lib/transport/local-remote.js";
import type { Remote } from "../../../lib/transport/transport.js";

const record = { jobId: "j", who: "w", controller: "c", pid: 1, since: "", reason: "", resultsDir: "" };
const local = openLocal("h1");

describe("a guest that came to a host behind the undo of its dead job", () => {
  let folder: string;
  let base: string;
  let lock: HostLock;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "migstorm-undo-cases-"));
    base = join(folder, "run");
    lock = await acquireLock(local, "t1", record, { base });
  });
  afterEach(async () => {
    await lock.release();
    await rm(folder, { recursive: true });
  });

  it("is written down in the last of its cases' journals only, and taken away from there", async () => {
    const journals = ["first", "second", "guests", "stranger"].map((name) => ({
      path: join(folder, name),
      guests: name === "stranger" ? ["g9"] : ["g1"],
    }));
    for (const { path } of journals) await createJournal(path);
    // Its libvirt says that g1 is there and that no migration is under way.
    const written = async () =>
      (await Promise.all(journals.map(({ path }) => outstanding(path)))).map(({ length }) => length);
    const remote: Remote = {
      ...local,
      run: async (command, signal) => {
        if (command.file === "sh") return local.run(command, signal);
        const stdout = command.args.includes("domstats") ? "Domain: 'g1'\n  state.state=1\n" : "Job type: 0\n";
        return { command, host: "h1", exitCode: 0, stdout, stderr: "", durationMs: 1 };
      },
    };
    const job = { inventory: { hosts: [{ name: "h1", connectUri: "none:///" }] } } as unknown as JobRecord;
    const { leftovers } = await undoCases(job, journals, new Map([["h1", { remote, base }]]), "t1");
    assert.deepEqual(await written(), [0, 0, 1, 0]);
    // No libvirt answers there, so the one undo that was tried tells of it, once.
    assert.equal(leftovers.length, 1);
    assert.match(leftovers[0] ?? "", /^h1: guest g1, should it come here: /);
  });
});
