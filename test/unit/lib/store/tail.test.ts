import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { follow } from "../../../../lib/store/follow.js";
import { openTail } from "../../../../lib/store/tail.js";

describe("the tail of a file", () => {
  let folder: string;
  let path: string;
  let told: string[];
  const onLine = (line: string): void => void told.push(line);
  const onRestart = (): void => void told.push("restart");
  const tail = (maxLineBytes?: number) =>
    openTail(path, { onLine, onRestart, ...(maxLineBytes === undefined ? {} : { maxLineBytes }) });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migstorm-tail-"));
    path = join(folder, "events.ndjson");
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("tells a line when its end is there, and none of a file that is not there yet", async () => {
    const read = tail();
    await read();
    writeFileSync(path, "one\ntw");
    await read();
    assert.deepEqual(told, ["one"]);
    appendFileSync(path, "o\n\nthree\n");
    await read();
    assert.deepEqual(told, ["one", "two", "three"]);
  });

  it("tells where each line ends", async () => {
    const ends: number[] = [];
    writeFileSync(path, "é\n\nab\n");
    await openTail(path, { onLine: (_, endBytes) => ends.push(endBytes), onRestart })();
    assert.deepEqual(ends, [3, 7]);
  });

  it("begins again when the file became shorter, is another one, or went", async () => {
    const read = tail();
    writeFileSync(path, "a long line\n");
    await read();
    writeFileSync(path, "b\n");
    await read();
    writeFileSync(`${path}.new`, "another file\n");
    renameSync(`${path}.new`, path);
    await read();
    rmSync(path);
    await read();
    await read();
    assert.deepEqual(told, ["a long line", "restart", "b", "restart", "another file", "restart"]);
  });

  it("passes over a line that is longer than the limit, and no other", async () => {
    const read = tail(10);
    writeFileSync(path, `short\n${"x".repeat(11)}`);
    await read();
    appendFileSync(path, `${"x".repeat(200_000)}\n1234567890\n`);
    await read();
    assert.deepEqual(told, ["short", "1234567890"]);
  });

  it("follows no link", async () => {
    writeFileSync(join(folder, "elsewhere"), "secret\n");
    symlinkSync(join(folder, "elsewhere"), path);
    await assert.rejects(tail()(), { code: "ELOOP" });
    assert.deepEqual(told, []);
  });

  it("tells the same lines however the writing was cut", async () => {
    const lines = fc.array(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((l) => !l.includes("\n")),
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(60), { maxLength: 8 }), async (all, cuts) => {
        rmSync(path, { force: true });
        told = [];
        const read = tail();
        let bytes = Buffer.from(all.map((line) => `${line}\n`).join(""));
        for (const cut of [...cuts, bytes.length]) {
          appendFileSync(path, bytes.subarray(0, cut));
          bytes = bytes.subarray(cut);
          await read();
        }
        assert.deepEqual(
          told,
          all.map((line) => Buffer.from(line).toString()),
        );
      }),
      { numRuns: 30 },
    );
  });

  for (const [how, where, pollMs] of [
    ["by the watch", "events.ndjson", 60_000],
    ["by the poll, where there is nothing to watch yet", "later/events.ndjson", 5],
  ] as const)
    it(`is followed ${how}`, async () => {
      path = join(folder, where);
      await new Promise<void>((done) => {
        const follower = follow(path, {
          onLine: (line) => {
            told.push(line);
            follower.close();
            done();
          },
          onRestart,
          onNews: () => undefined,
          pollMs,
        });
        void follower.catchUp().then(() => {
          mkdirSync(dirname(path), { recursive: true });
          appendFileSync(path, "news\n");
        });
      });
      assert.deepEqual(told, ["news"]);
    });
});
