import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeakSample } from "../../../../lib/model/soak.js";
import { leakLog } from "../../../../lib/store/leak-log.js";

const sample = (pass: number): LeakSample => ({ pass, at: "x", monoMs: pass, readings: [], problems: [] });

describe("the readings of a soak on the disk", () => {
  const written = async (passes: number, most: number) => {
    const path = join(await mkdtemp(join(tmpdir(), "migstorm-leaks-")), "leaks.ndjson");
    const log = leakLog(path, most);
    let longest = 0;
    const lines = async (): Promise<number[]> =>
      (await readFile(path, "utf8"))
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as LeakSample).pass);
    for (let pass = 0; pass <= passes; pass += 1) {
      await log.add(sample(pass));
      longest = Math.max(longest, (await lines()).length);
    }
    return { longest, lines: await lines() };
  };

  it("are all there as long as they are few", async () => {
    assert.deepEqual((await written(5, 10)).lines, [0, 1, 2, 3, 4, 5]);
  });
  it("never are more than so many, tell of the first and of the latest, and of older passes ever less", async () => {
    for (const passes of [57, 58, 300]) {
      const { longest, lines } = await written(passes, 16);
      assert.equal(longest, 16);
      const recent = lines.filter((pass) => lines.includes(pass + 1) || pass === passes);
      assert.ok(recent.length >= 8, String(lines));
      const older = lines.slice(0, -recent.length);
      const every = (older[1] ?? 0) - (older[0] ?? 0);
      assert.ok(every >= 16 && older.length >= 2, String(lines));
      assert.deepEqual(
        older,
        older.map((_, index) => index * every),
        String(lines),
      );
    }
  });
});
