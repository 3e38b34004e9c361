import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { neighbourRetryMs } from "../../../../lib/net/neighbour.js";
import type { Run } from "../../../../lib/transport/transport.js";

const answering =
  (stdout: string, exitCode = 0): Run =>
  async (command) => ({ command, host: "o", exitCode, stdout, stderr: "", durationMs: 1 });

describe("how often a machine asks who has an address", () => {
  it("is what it says, and a second where it says nothing of use", async () => {
    assert.equal(await neighbourRetryMs(answering("50\n"), "198.18.1.1"), 50);
    for (const run of [answering(""), answering("50 60"), answering("-5"), answering("50\n", 1)])
      assert.equal(await neighbourRetryMs(run, "198.18.1.1"), 1000);
    assert.equal(await neighbourRetryMs(() => Promise.reject(new Error("away")), "198.18.1.1"), 1000);
  });
  it("is asked with a script that a shell can read, and the address as an argument", async () => {
    let args: readonly string[] = [];
    await neighbourRetryMs(async (command) => {
      args = command.args;
      return answering("50")(command);
    }, "$(reboot)");
    execFileSync("sh", ["-n", "-c", args[1] ?? ""]);
    assert.deepEqual(args.slice(2), ["sh", "$(reboot)"]);
  });
  it("is read here of the way to this machine itself, and not known of one behind a gateway", async () => {
    const here: Run = async (command) => ({
      ...(await answering(execFileSync(command.file, command.args, { encoding: "utf8" }))(command)),
    });
    assert.ok((await neighbourRetryMs(here, "127.0.0.1")) >= 1);
    const gateway = (command: Parameters<Run>[0]) => {
      const route = 'ip() { echo "9.9.9.9 via 10.0.0.1 dev lo src 10.0.0.2"; }';
      const [, script = "", ...rest] = command.args;
      try {
        const stdout = execFileSync("sh", ["-c", `${route}\n${script}`, ...rest], { encoding: "utf8" });
        return answering(stdout)(command);
      } catch {
        // What the script says of a gateway is its exit code.
        return answering("", 1)(command);
      }
    };
    assert.equal(await neighbourRetryMs(gateway, "9.9.9.9"), 1000);
  });
});
