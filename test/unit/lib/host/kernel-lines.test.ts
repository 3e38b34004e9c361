import assert from "node:assert/strict";
import { parseKernelLines } from "../../../../lib/host/kernel-lines.js";
import { runnerUse } from "../../../../lib/host/runner.js";
import { oomReports } from "../../../../lib/model/oom-reports.js";
import { fixture } from "../../../support/fixture.js";

const said = (text: string): string[] => parseKernelLines(text).map((line) => line.text);
const raw = (lines: readonly string[], level = 6): string =>
  lines.map((line, index) => `<${level}>[ 4607.76${5609 + index}] ${line}\n`).join("");

/** Task dumps as kernels print them, by the version that began to. */
const DUMPS: Readonly<Record<string, readonly string[]>> = {
  "2.6.25": [
    "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name",
    "[ 1204]     0  1204     6039      163   1     -17 udevd",
  ],
  "2.6.36": [
    "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name",
    "[ 1204]     0  1204     6039      163   1     -17         -1000 udevd",
  ],
  "3.6": [
    "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name",
    "[ 2238]     0  2238   192897     8781      59        0          -900 docker",
    "[24795]  5001 24795   176565     2785     121        0             0 apache2",
  ],
  "4.0": [
    "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name",
    "[  749]     0   749    13116      782      29       3      385             0 systemd-journal",
  ],
  "4.14": [
    "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds nr_puds swapents oom_score_adj name",
    "[  749]     0   749    13116      782      29       3       2      385             0 systemd-journal",
  ],
  "4.19": [
    "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name",
    "[    448]     0   448    17359      247   126976      158          -250 systemd-journal",
    "[1274715] 4294967294 1274715     8520     1731    73728        0             0 (udev-worker)",
  ],
  "6.7": [
    "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
    "[ 185665]     0 185665     8688     3840     3840        0         0   458752     4832           250 dd",
    "[    718]     0   718    40965    29598      256    29342         0   368640        0          -250 ",
    "[    719]    64   719 19876543 11029598 11000256    29342         0 36864000        0             0 qemu-system-x86",
    "[    720]  1000   720     8688     3840     3840        0         0   458752     4832           250 BUG: at 7 8 9",
  ],
};

describe("the task dump in an OOM report", () => {
  for (const [version, dump] of Object.entries(DUMPS))
    it(`is left out as Linux ${version} prints it`, () =>
      assert.deepEqual(said(raw(["before", ...dump, "after"])), ["before", "after"]));

  it("is left out where its heading was read before", () =>
    assert.deepEqual(said(raw([...DUMPS["6.7"]!.slice(2), "after"])), ["after"]));
  it("is left out of lines without times, and with the thread that wrote them", () => {
    const [heading, row] = DUMPS["4.19"]!;
    assert.deepEqual(said(`<6>${heading}\n<6>${row}\n<6>[ 1.5][ T7] ${heading}\n<6>[ 1.5][ T7] ${row}\n`), []);
  });
  it("takes nothing else of a report along", () => {
    const text = fixture("dmesg-util-linux/two-strikes.txt");
    const all = text.split("\n").filter((line) => line !== "");
    const dump = all.filter((line) => / tgid total_vm |\] +0 +2763\d /.test(line));
    assert.equal(dump.length, 4);
    assert.deepEqual(
      said(text),
      all.filter((line) => !dump.includes(line)).map((line) => line.replace(/^<\d>\[[\d.]+\] /, "")),
    );
    const { kills } = oomReports(parseKernelLines(text));
    assert.deepEqual(
      kills.map(({ victim, pid, group }) => [victim, pid, group]),
      [
        ["tail", 27638, "/migstorm-two-h1"],
        ["tail", 27639, "/migstorm-two-h2"],
      ],
    );
  });
  it("is not what only looks alike", () => {
    const others = [
      "[ 1204]     0  1204     6039      163   1 udevd",
      "[ pid ] is what the heading begins with",
      "x [ 1204]     0  1204     6039      163   1     -17 udevd",
      "[ 1204]     0  1204     6039      163   1     -17udevd",
    ];
    assert.deepEqual(said(raw(others)), others);
  });
  it("is not what the kernel says with more weight", () => {
    const [, row = ""] = DUMPS["6.7"]!;
    assert.deepEqual(said(raw([row], 2)), [row]);
  });
  it("gives its level to what goes on behind it", () =>
    assert.deepEqual(parseKernelLines(`<3>[ 1.5] bad\n${raw(DUMPS["3.6"]!)} and goes on\n`), [
      { level: 3, text: "bad" },
      { level: 6, text: " and goes on" },
    ]));
});

describe("many kernel lines", () => {
  it("are not read at all, rather than some of them", () =>
    assert.throws(() => parseKernelLines("<6>[ 1.5] x\n".repeat(200_001)), { code: "command-failed" }));
  it("are all read where a log may have so many", () =>
    assert.equal(parseKernelLines("<6>[ 1.5] x\n".repeat(200_000)).length, 200_000));
  it("do not hold the whole text that they were cut out of", async () => {
    const before = await runnerUse();
    const kept = Array.from({ length: 20 }, (_, index) => {
      const text = Buffer.alloc(2 ** 20, `${index}`).toString();
      return parseKernelLines(`<6>[ 1.5] the only line of ${index}\n<6>[ 1.6] ${text}\n`);
    });
    const grewKiB = (await runnerUse()).heapKiB - before.heapKiB;
    assert.equal(kept.length, 20);
    assert.ok(grewKiB < 10 * 1024, `${grewKiB} KiB`);
  });
});
