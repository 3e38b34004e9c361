import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  appendLines,
  createJournal,
  giveUp,
  type Line,
  outstanding,
  outstandingIn,
} from "../../../../lib/journal/journal.js";

const command = { file: "true", args: [], timeoutMs: 1_000 };
const will = (id: string): Line => ({
  op: "will",
  entry: { id, host: "h1", guarded: true, what: id, apply: command, undo: command },
});
const line = fc
  .tuple(fc.constantFrom("will", "answered", "lost", "undone", "given-up"), fc.constantFrom("a", "b", "c", "d", "e"))
  .map(([op, id]): Line => (op === "will" ? will(id) : ({ op, id } as Line)));
const textOf = (lines: readonly Line[]): string => lines.map((each) => `\n${JSON.stringify(each)}\n`).join("");
const idsIn = (text: string): string[] => outstandingIn(text).map(({ id }) => id);

describe("the undo journal", () => {
  let path: string;
  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), "journal-")), "undo.ndjson");
    await createJournal(path);
  });

  it("lists what is not undone, newest first", async () => {
    await appendLines(path, [will("a"), will("b"), will("c")]);
    await appendLines(path, [{ op: "undone", id: "b" }]);
    assert.deepEqual(
      (await outstanding(path)).map(({ id }) => id),
      ["c", "a"],
    );
  });
  it("no longer lists what was given up with its machine, and keeps the rest", async () => {
    const far = will("b");
    assert.ok(far.op === "will");
    await appendLines(path, [will("a"), { ...far, entry: { ...far.entry, host: "h2" } }]);
    const given = await giveUp(path, new Set(["h2", "h3"]));
    assert.deepEqual(
      given.map(({ id }) => id),
      ["b"],
    );
    assert.deepEqual(
      (await outstanding(path)).map(({ id }) => id),
      ["a"],
    );
    assert.deepEqual(await giveUp(path, new Set(["h2"])), []);
  });
  it("goes on with one that is there", async () => {
    await appendLines(path, [will("a")]);
    await createJournal(path);
    assert.equal((await outstanding(path)).length, 1);
  });
  it("loses nothing to a line torn by a crash", async () => {
    await appendLines(path, [will("a")]);
    await appendFile(path, JSON.stringify(will("torn")).slice(0, -5));
    await appendLines(path, [will("b")]);
    assert.deepEqual(
      (await outstanding(path)).map(({ id }) => id),
      ["b", "a"],
    );
  });
  it("promises nothing on a full disk", async () =>
    assert.rejects(appendLines("/dev/full", [will("a")]), { code: "internal", message: /cannot write/ }));
  it("keeps what ran together in one wave, and what came later in a higher one", () => {
    const text = textOf([
      will("a"),
      will("b"),
      { op: "answered", id: "a" },
      will("c"),
      { op: "lost", id: "b" },
      will("d"),
    ]);
    const waves = Object.fromEntries(outstandingIn(text).map(({ id, wave, answered }) => [id, [wave, answered]]));
    assert.deepEqual(waves, { a: [0, true], b: [0, false], c: [1, false], d: [1, false] });
  });
  it("never forgets a change that was written whole, wherever the file is cut", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.nat(), (lines, at) => {
        const whole = textOf(lines);
        const cut = whole.slice(0, at % (whole.length + 1));
        const kept = lines.filter((_, index) => textOf(lines.slice(0, index + 1)).trimEnd().length <= cut.length);
        assert.deepEqual(idsIn(cut), idsIn(textOf(kept)));
        // And what is appended behind the cut is read.
        assert.ok(idsIn(`${cut}${textOf([will("new")])}`).includes("new"));
      }),
    );
  });
  it("reads whatever is there without throwing", async () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), fc.string())), (texts) => {
        outstandingIn(texts.join("\n"));
      }),
    );
    await writeFile(path, 'null\n[]\n{}\n{"op":"will"}\n\u0000\n');
    assert.deepEqual(await outstanding(path), []);
    assert.ok((await readFile(path)).length > 0);
  });
});
