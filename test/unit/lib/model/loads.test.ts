import assert from "node:assert/strict";
import { loadsOf, workersOf } from "../../../../lib/model/loads.js";
import { buildParams } from "../../../support/build.js";

const lines = (stress: object, heldMiB?: number): string[] =>
  loadsOf(buildParams({ stress })).map(({ on, tool, args }) => `${on}: ${tool} ${args(heldMiB).join(" ")}`);

describe("loads", () => {
  it("are those written out, and those of stress beside them", () => {
    const load = [{ on: "source", tool: "stress", args: ["--io", "1"] }];
    const found = loadsOf(buildParams({ load, stress: { tool: "stress", guests: true } }));
    assert.deepEqual(
      found.map(({ on, args }) => [on, args().join(" ")]),
      [
        ["source", "--io 1"],
        ["guests", "--cpu 4 --quiet --timeout 3600"],
      ],
    );
    assert.deepEqual(loadsOf(buildParams()), []);
  });

  it("go where they were asked for", () => {
    assert.deepEqual(
      lines({ tool: "stress", guests: true, hosts: "both" }).map((line) => line.split(":")[0]),
      ["guests", "source", "target"],
    );
    assert.deepEqual(lines({ tool: "stress", hosts: "target" }), ["target: stress --cpu 4 --quiet --timeout 3600"]);
  });

  // stress-ng 0.15 shares --vm-bytes out among its workers; stress gives each all of it.
  it("give each memory worker its own, whatever the tool takes the number for", () => {
    const stress = { kind: "memory", guests: true, workers: 4, memory: "128MiB", duration: "60s" };
    assert.deepEqual(lines({ ...stress, tool: "stress" }), [
      "guests: stress --vm 4 --vm-bytes 128M --vm-keep --quiet --timeout 60",
    ]);
    assert.deepEqual(lines({ ...stress, tool: "stress-ng" }), [
      "guests: stress-ng --vm 4 --vm-bytes 512M --vm-keep --quiet --timeout 60",
    ]);
    assert.deepEqual(
      loadsOf(buildParams({ stress: { ...stress, tool: "stress" } })).map(({ memoryMiB }) => memoryMiB),
      [512],
    );
  });

  it("take the memory that the host has to give: shared by memory workers, held by one more beside CPU workers", () => {
    const stress = { hosts: "source", hostMemory: "half", duration: "60s" };
    assert.deepEqual(lines({ ...stress, tool: "stress", kind: "memory" }, 1000), [
      "source: stress --vm 4 --vm-bytes 250M --vm-keep --quiet --timeout 60",
    ]);
    assert.deepEqual(lines({ ...stress, tool: "stress-ng", kind: "memory" }, 1000), [
      "source: stress-ng --vm 4 --vm-bytes 1000M --vm-keep --quiet --timeout 60",
    ]);
    assert.deepEqual(lines({ ...stress, tool: "stress-ng", kind: "cpu" }, 1000), [
      "source: stress-ng --cpu 4 --vm 1 --vm-bytes 1000M --vm-hang 0 --quiet --timeout 60",
    ]);
  });

  // With vm.overcommit_memory=0 a kernel refuses a mapping larger than memory and swap together.
  it("take two workers at least for more memory than there is", () => {
    const stress = { hosts: "source", hostMemory: "short", workers: 1, duration: "60s" };
    assert.deepEqual(lines({ ...stress, tool: "stress", kind: "memory" }, 1001), [
      "source: stress --vm 2 --vm-bytes 500M --vm-keep --quiet --timeout 60",
    ]);
    assert.deepEqual(lines({ ...stress, tool: "stress-ng", kind: "cpu" }, 1000), [
      "source: stress-ng --cpu 1 --vm 2 --vm-bytes 1000M --vm-hang 0 --quiet --timeout 60",
    ]);
    assert.deepEqual(lines({ ...stress, tool: "stress", kind: "cpu" }, 1000), [
      "source: stress --cpu 1 --vm 2 --vm-bytes 500M --vm-hang 0 --quiet --timeout 60",
    ]);
  });

  it("promise a number of workers only where no option says that some pause or end", () => {
    const promised = (line: string) => workersOf(line.split(" "));
    for (const stress of [{ tool: "stress" }, { tool: "stress-ng", kind: "memory" }])
      for (const hostMemory of [undefined, "half", "short"])
        for (const { args } of loadsOf(buildParams({ stress: { ...stress, hosts: "source", hostMemory, workers: 3 } })))
          assert.ok((workersOf(args(100)) ?? 0) >= 3);
    assert.deepEqual(["--cpu 4", "-c 2 -m 3 --vm-bytes 64M -t 60s -q"].map(promised), [4, 5]);
    for (const line of [
      "--cpu 0",
      "--cpu 4 --cpu-ops 9",
      "--cpu 2 --sequential 1",
      "--vm 2 --vm-hang 5",
      "--io 2",
      "--quiet",
    ])
      assert.equal(promised(line), undefined, line);
  });
});
