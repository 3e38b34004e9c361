import assert from "node:assert/strict";
import type { CaseResult } from "../../../lib/model/result.js";
import { renderHtml } from "../../../reports/html.js";
import { buildCase, buildCheck, buildJob, buildResult } from "../../support/build.js";
import { storm } from "../../support/sample-job.js";

const named = (variants: string[], over: Partial<CaseResult> = {}, scenario = "smoke"): CaseResult =>
  buildResult({ case: buildCase({ id: [scenario, ...variants].join("."), scenario, variants }), ...over });

const silent = (ms: number): Partial<CaseResult> => ({
  status: "FAIL",
  checks: [buildCheck({ check: "silence", status: "FAIL", message: `g1 was silent for ${ms} ms in leg 2` })],
});

const lost: Partial<CaseResult> = { status: "ERROR", reason: "h2 did not answer for 30 s", checks: [] };

describe("what went wrong", () => {
  const page = renderHtml(
    buildJob([
      named(["a"], lost),
      named(["b"], lost),
      named(["c"], lost),
      named(["d"], silent(4_000)),
      named(["e"]),
      named(["f"], silent(5_000)),
      named(["g"], {
        status: "FAIL",
        checks: [buildCheck({ check: "disks", status: "FAIL", message: "vdb differs" })],
      }),
    ]),
  );
  const cards = page.match(/<article .*?<\/article>/g) ?? [];

  it("stands in groups of one signature: faults before errors, frequent ones before rare ones", () => {
    assert.deepEqual(
      cards.map((card) => [/class="card (\w+)/.exec(card)?.[1], new Set(card.match(/href="#case-\d+"/g)).size]),
      [
        ["FAIL", 2],
        ["FAIL", 1],
        ["ERROR", 3],
      ],
    );
    assert.match(
      cards[0] ?? "",
      /<b>2 cases<\/b> <span class="sig t">silence: g# was silent for # ms in leg #<\/span>/,
    );
  });

  it("has an example in each group, and the list of its cases", () => {
    assert.match(
      cards[0] ?? "",
      /e\.g\. <a href="#case-4">smoke\.d<\/a>.*<b>silence<\/b> <span class=t>g1 was silent for 4000 ms/,
    );
    assert.deepEqual(
      [...(cards[2] ?? "").split("<details>")[1]!.matchAll(/href="#case-(\d+)"/g)].map(([, number]) => number),
      ["1", "2", "3"],
    );
  });

  it("needs no list for a case that is alone with its fault", () => assert.doesNotMatch(cards[1] ?? "", /<details>/));

  it("stays within the budget when all of a thousand cases went wrong", () => {
    const wrong = (index: number): CaseResult => ({
      ...storm(index + 1, `orderly.precopy.v${index}`, 50),
      ...silent(index),
      ...(index % 2 === 0
        ? {}
        : { checks: [buildCheck({ status: "FAIL", message: `${"x".repeat(index % 90)} broke` })] }),
    });
    const large = renderHtml(buildJob(Array.from({ length: 1_000 }, (_, index) => wrong(index))));
    assert.ok(Buffer.byteLength(large) < 5_000_000, `${Buffer.byteLength(large)} bytes`);
    assert.match(large, /… 300 more cases in the table below/);
  });
});

describe("the matrix", () => {
  const attributesOf = (page: string) =>
    [...page.matchAll(/<tr data-v=\w+ data-s=(\d+) data-a="([^"]*)"/g)].map(([, s, a]) => [s, a]);

  it("knows the place of every case on the axes of its scenario", () => {
    const page = renderHtml(
      buildJob([
        named(["pre", "orderly"]),
        named(["post", "orderly"]),
        named(["pre", "cross"]),
        named(["one", "deep"], {}, "other"),
        named(["two"], {}, "other"),
      ]),
    );
    assert.deepEqual(attributesOf(page), [
      ["0", "0,0"],
      ["0", "1,0"],
      ["0", "0,1"],
      ["1", "0,0"],
      ["1", "1,"],
    ]);
    assert.deepEqual(
      [...page.matchAll(/<ul data-name="(\w+)">(.*?)<\/ul>/g)].map(([, name, axes]) => [
        name,
        axes?.match(/<ol>/g)?.length,
      ]),
      [
        ["smoke", 2],
        ["other", 2],
      ],
    );
  });

  it("is left out of a job whose cases differ in nothing", () => {
    assert.doesNotMatch(renderHtml(buildJob([named(["a"])])), /id=matrix/);
    assert.doesNotMatch(renderHtml(buildJob([])), /id=matrix/);
  });
});
