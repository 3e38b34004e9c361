import assert from "node:assert/strict";
import { toolInstaller } from "../../../../harness/engine/install-tools.js";
import { CancelCase, HarnessError } from "../../../../lib/errors.js";
import { inventorySchema } from "../../../../lib/model/inventory.js";
import type { Remote, Run } from "../../../../lib/transport/transport.js";

const image = { kernel: "/k", login: { hostKey: "first-use" } };
const inventory = inventorySchema.parse({
  hosts: ["h1", "h2"].map((name) => ({ name, peerUri: `qemu+tcp://${name}/system` })),
  images: { given: { ...image, installTools: true }, bare: image },
  network: { bridge: "br0" },
});

/** Guests in which this becomes of each install, once all that is to begin has begun. */
function guests(end: () => { exitCode: number; stderr: string }, signal = new AbortController().signal) {
  const asked: string[] = [];
  const running = new Map<string, number>();
  let most = 0;
  const run =
    (host: string): Run =>
    async (command, stop) => {
      asked.push(`${host}: ${command.what}`);
      running.set(host, (running.get(host) ?? 0) + 1);
      most = Math.max(
        most,
        [...running.values()].reduce((sum, count) => sum + count),
      );
      assert.equal(running.get(host), 1, `${host} installs twice at once`);
      await new Promise((resolve) => setImmediate(resolve));
      running.set(host, 0);
      stop?.throwIfAborted();
      return { command, host, stdout: "", durationMs: 1, ...end() };
    };
  const install = toolInstaller({ inventory }, signal);
  return {
    install: (name: string, tool: string, from = "given") =>
      install({ name, image: from, remote: { name, run: run(name) } as Remote }, tool),
    asked,
    most: () => most,
  };
}

const isCancel = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CancelCase, String(error));
  assert.match(error.message, message);
  return true;
};
const done = () => ({ exitCode: 0, stderr: "" });

describe("toolInstaller", () => {
  it("installs a tool once in each guest, however many loads want it, and one tool after another", async () => {
    const { install, asked, most } = guests(done);
    await Promise.all([
      ...["g1", "g1", "g2"].map((name) => install(name, "stress")),
      install("g1", "stress-ng"),
      install("g1", "stress"),
    ]);
    assert.deepEqual(asked.toSorted(), ["g1: install stress", "g1: install stress-ng", "g2: install stress"]);
    assert.equal(most(), 2, "guests do not wait for each other");
  });
  it("leaves a case whose guests are not to be changed, and says how they could be", async () => {
    const { install, asked } = guests(done);
    const told =
      /^g1 has no stress: install the package stress there, or .*images\.bare\.installTools in the inventory$/;
    await assert.rejects(install("g1", "stress", "bare"), isCancel(told));
    await assert.rejects(install("g1", "stress", "unknown"), isCancel(/images\.unknown\.installTools/));
    assert.deepEqual(asked, []);
  });
  it("leaves a case whose tool could not be installed, in the manager's words, for every load that wanted it", async () => {
    const stderr = "apt-get ended with 100:\n\x1b[31mE: Unable to locate package stress\x1b[0m\n";
    const { install, asked } = guests(() => ({ exitCode: 1, stderr }));
    const told =
      /^g1 has no stress, and it could not be installed: apt-get ended with 100: E: Unable to locate package stress$/;
    const wanted = [install("g1", "stress"), install("g1", "stress")];
    await Promise.all(wanted.map((one) => assert.rejects(one, isCancel(told))));
    assert.equal(asked.length, 1);
  });
  it("takes a repository that does not answer for one that does not have the tool, and a lost guest for no answer", async () => {
    const failing = (code: "deadline" | "unreachable") =>
      guests(() => {
        throw new HarnessError(code, "g1: sh ran past 300000 ms");
      }).install("g1", "stress");
    await assert.rejects(failing("deadline"), isCancel(/could not be installed: g1: sh ran past 300000 ms$/));
    await assert.rejects(failing("unreachable"), { name: "HarnessError", code: "unreachable" });
  });
  it("is stopped with its step", async () => {
    const reason = new Error("Ctrl-C");
    const stop = new AbortController();
    const { install } = guests(done, stop.signal);
    const wanted = install("g1", "stress");
    stop.abort(reason);
    await assert.rejects(wanted, reason);
  });
});
