import assert from "node:assert/strict";
import { lockedMachines } from "../../../harness/locks.js";
import { openLocal } from "../../../lib/transport/local-remote.js";

const [h1, h2, nfs] = ["h1", "h2", "nfs"].map((name) => openLocal(name));

describe("where a job's locks lie", () => {
  assert.ok(h1 !== undefined && h2 !== undefined && nfs !== undefined);
  const hosts = new Map([
    ["h1", h1],
    ["h2", h2],
  ]);
  const bases = (jobKey: string, storage?: typeof nfs) =>
    [...lockedMachines({ jobKey }, { hosts, ...(storage === undefined ? {} : { storage }) })].map(
      ([name, { base, isOwn }]) => [name, base, isOwn],
    );
  const usual = [
    ["h1", undefined, undefined],
    ["h2", undefined, undefined],
  ];

  it("is one place for every job on a host, and a place of the job's own on a machine that makes disks", () => {
    assert.deepEqual(bases("aaaaaaa", nfs), [...usual, ["nfs", "/run/migstorm/storage-aaaaaaa", true]]);
    assert.deepEqual(bases("bbbbbbb", nfs), [...usual, ["nfs", "/run/migstorm/storage-bbbbbbb", true]]);
  });
  it("is the host's where a host makes the disks, under its own name or without any", () => {
    assert.deepEqual(bases("aaaaaaa", h1), usual);
    assert.deepEqual(bases("aaaaaaa"), usual);
  });
});
