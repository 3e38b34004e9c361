import assert from "node:assert/strict";
import { migrateArgs } from "../../../../lib/libvirt/migrate-args.js";
import { type MigrationOptions, paramsSchema } from "../../../../lib/model/params.js";

const DEFAULTS = paramsSchema.parse({}).migration;
const argsFor = (options: Partial<MigrationOptions>, migrationAddress?: string): string =>
  migrateArgs({
    guest: "g1",
    connectUri: "qemu:///system",
    peerUri: "qemu+tcp://h2/system",
    ...(migrationAddress === undefined ? {} : { migrationAddress }),
    localDisks: ["vdb", "vdd"],
    options: { ...DEFAULTS, ...options },
  }).join(" ");

const START = "virsh -c qemu:///system migrate --live --persistent --undefinesource";
const END = "--domain g1 --desturi qemu+tcp://h2/system";

describe("arguments of virsh migrate", () => {
  const table: [string, Partial<MigrationOptions>, string | undefined, string][] = [
    ["precopy", {}, undefined, ""],
    ["auto-converge", { autoConverge: true }, undefined, "--auto-converge "],
    ["postcopy after the first pass", { mode: "postcopy" }, undefined, "--postcopy --postcopy-after-precopy "],
    [
      "postcopy with a timeout that suspends, as in the source document",
      { mode: "postcopy", timeout: 3_600_000 },
      undefined,
      "--postcopy --postcopy-after-precopy --timeout 3600 --timeout-suspend ",
    ],
    [
      "a switch at the timeout does not also come after the first pass",
      { mode: "postcopy", timeout: 30_000, timeoutAction: "postcopy" },
      undefined,
      "--postcopy --timeout 30 --timeout-postcopy ",
    ],
    [
      "precopy that may switch at the timeout",
      { timeout: 30_000, timeoutAction: "postcopy" },
      undefined,
      "--postcopy --timeout 30 --timeout-postcopy ",
    ],
    ["a part of a second is rounded up", { timeout: 1 }, undefined, "--timeout 1 --timeout-suspend "],
    ["a zero would mean no timeout", { timeout: 0 }, undefined, "--timeout 1 --timeout-suspend "],
    ["an action without a timeout says nothing", { timeoutAction: "postcopy" }, undefined, ""],
    ["p2p", { control: "p2p" }, undefined, "--p2p "],
    ["an address", {}, "198.19.0.2", "--migrateuri tcp://198.19.0.2 "],
    ["an IPv6 address stands in brackets", {}, "fd00::2", "--migrateuri tcp://[fd00::2] "],
    ["a host name", { channel: "tls" }, "h2-mig", "--tls --tls-destination h2 --migrateuri tcp://h2-mig "],
    ["TLS by the name that QEMU connects to", { channel: "tls" }, undefined, "--tls "],
    ["disks that are not shared", { copyStorage: "inc" }, undefined, "--copy-storage-inc --migrate-disks vdb,vdd "],
    ["tunnelled has no address", { control: "p2p", channel: "tunnelled" }, "198.19.0.2", "--p2p --tunnelled "],
    [
      "tuning",
      { bandwidthMiBps: 50, compression: "xbzrle", connections: 4 },
      undefined,
      "--bandwidth 50 --compressed --comp-methods xbzrle --parallel --parallel-connections 4 ",
    ],
  ];
  for (const [name, options, address, between] of table)
    it(name, () => assert.equal(argsFor(options, address), `${START} ${between}${END}`));
});
