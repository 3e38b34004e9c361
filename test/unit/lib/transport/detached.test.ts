import assert from "node:assert/strict";
import { spawnDetached } from "../../../../lib/transport/detached.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Remote, Running } from "../../../../lib/transport/transport.js";

const local = openLocal("h1");
const program = { dir: "/nonexistent/d", argv: ["virsh", "migrate"] };

describe("the way to the barrier", () => {
  let started: Running[];
  /** A machine that begins, and then says nothing. */
  const silent: Remote = {
    ...local,
    start: async (_command, onLine, options) => {
      const running = await local.start({ file: "sleep", args: ["60"] }, onLine, options);
      started.push(running);
      return running;
    },
  };
  beforeEach(() => {
    started = [];
  });

  it("ends when the machine says nothing, with its name and what was waited for, and leaves nothing running", async () => {
    const message = "h1: waited 0.1 s for virsh to be ready";
    await assert.rejects(spawnDetached(silent, program, { openingMs: 100 }), { code: "unreachable", message });
    await Promise.all(started.map(({ ended }) => ended));
    assert.equal(started.length, 1);
  });

  it("ends as soon as the job is stopped", async () => {
    const stop = new AbortController();
    const spawned = spawnDetached(silent, program, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("Ctrl-C")), 50);
    await assert.rejects(spawned, /Ctrl-C/);
    await Promise.all(started.map(({ ended }) => ended));
  });
});
