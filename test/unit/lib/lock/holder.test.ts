import assert from "node:assert/strict";
import { hold } from "../../../../lib/lock/holder.js";
import { openLocal } from "../../../../lib/transport/local-remote.js";
import type { Remote } from "../../../../lib/transport/transport.js";

const local = openLocal("h1");
const claim = { base: "/nonexistent", isOwn: false, token: "t1", record: "{}" };

describe("taking a host's lock", () => {
  it("does not wait without end for a host that says nothing", async () => {
    const silent: Remote = {
      ...local,
      start: (_command, onLine, options) => local.start({ file: "sleep", args: ["60"] }, onLine, options),
    };
    await assert.rejects(hold(silent, claim, "", [], { openingMs: 100 }), {
      code: "unreachable",
      message: "h1: waited 0.1 s for the script of its lock to begin",
    });
  });

  it("waits for others on the host longer than for the host itself", async () => {
    const patient = "sleep 1.2; echo ours boot; exec cat >/dev/null";
    const held = await hold(local, claim, patient, [], { openingMs: 1_000 });
    assert.equal(held.boot, "boot");
    await held.running.stop();
  });
});
