import assert from "node:assert/strict";
import { readyMove } from "../../../../harness/engine/move.js";
import type { Remote, Running } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE } from "./fake-case.js";

const BEFORE = { source: "running", target: "absent" } as const;

/** Ends what a failed test has left. */
const ends: ((how: { exitCode?: number; stderr: string }) => void)[] = [];

/** A machine on which one program is started, by hand. */
function machine() {
  let end: (how: { exitCode?: number; stderr: string }) => void = () => undefined;
  const ended: Running["ended"] = new Promise((resolve) => {
    end = resolve;
  });
  ends.push(end);
  const written: string[] = [];
  let say: (line: string) => void = () => undefined;
  const stop = async (): Promise<void> => end({ stderr: "" });
  const start: Remote["start"] = async (_command, onLine) => {
    say = onLine;
    return { write: (text) => void written.push(text), ended, stop };
  };
  return { start, written, ended, say: (line: string) => say(line), end };
}

let second = 1_700_000_000;
const answer = (): string =>
  `[${++second}.000000] 198.18.1.1 : [${second % 1000}], 64 bytes, 0.05 ms (0.05 avg, 0% loss)`;

/** Resolves once everything that could happen by now has. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe("a guest that is ready to move", () => {
  afterEach(() => {
    for (const end of ends.splice(0)) end({ exitCode: 1, stderr: "" });
  });

  const getReady = async () => {
    const [source, observer] = [machine(), machine()];
    const ctx = fakeCase({ h1: { start: source.start }, h2: {}, observer: { start: observer.start } });
    const ready = readyMove(ctx, 1, MOVE, BEFORE, new AbortController().signal);
    await soon();
    source.say("ready");
    await soon();
    observer.say(answer());
    return { source, observer, ready: await ready };
  };

  it("does not go before it has answered anew", async () => {
    const { source, observer, ready } = await getReady();
    const ended = ready.go();
    await soon();
    assert.deepEqual(source.written, []);
    observer.say(answer());
    await soon();
    assert.deepEqual(source.written, ["go\n"]);
    source.say("rc 1");
    source.end({ exitCode: 0, stderr: "error: no" });
    const { finish } = await ended;
    observer.say(answer());
    const { outcome, error } = await finish;
    assert.deepEqual([outcome, error], ["failed", "error: no"]);
  });

  for (const [rc, error] of [
    ["1", "it said nothing, exit code 1"],
    ["137", "it said nothing, signal 9"],
  ] as const)
    it(`says how virsh ended when it wrote nothing: ${error}`, async () => {
      const { source, observer, ready } = await getReady();
      const ended = ready.go();
      observer.say(answer());
      await soon();
      source.say(`rc ${rc}`);
      source.end({ exitCode: 0, stderr: "\n" });
      const { finish } = await ended;
      observer.say(answer());
      const { outcome, error: told } = await finish;
      assert.deepEqual([outcome, told], ["failed", error]);
    });

  it("does not go any more when it answers no longer, and its command waits no longer", async () => {
    const { source, observer, ready } = await getReady();
    const going = ready.go();
    observer.end({ stderr: "" });
    const { outcome, error } = await (await going).finish;
    assert.deepEqual([outcome, error], ["not-started", "g1 did not answer a ping within 5 s"]);
    assert.deepEqual(source.written, []);
    await source.ended;
  });
});
