import fc from "fast-check";
import { conflictsIn } from "../../../../harness/conflicts.js";
import { mergePatch } from "../../../../harness/merge.js";
import { type Params, paramsSchema } from "../../../../lib/model/params.js";

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }),
  fc.constantFrom("1", "true", "null", "~", "- x", "a: b", "# c", "'", '"', "\\", " x ", "\n", "{", "0x1f", "on", "é"),
);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Patches on a case, as several places of a scenario bring them. */
const patches = fc.array(
  fc.oneof(
    fc.record({
      guests: fc.record({ count: fc.integer({ min: 1, max: 9 }), memory: fc.constantFrom("1GiB", "300MiB") }),
    }),
    fc.record({
      guests: fc.record({ metadata: fc.dictionary(fc.stringMatching(/^[a-z:_]{1,9}$/), text, { maxKeys: 3 }) }),
    }),
    fc.constantFrom<object>(
      { guests: { image: ["tiny-a", "tiny-b"], vcpus: 3, cache: "unsafe" } },
      {
        guests: {
          disks: [
            { use: "swap", on: "nbd" },
            { use: "ephemeral", size: "1GiB" },
          ],
          boot: "volume",
        },
      },
      { guests: { flavor: {} } },
      { guests: { flavor: { extraSpecs: { "hw:wrs:live_migration_tunnel": "True" } } } },
      { guests: { metadataChanges: [{ beforeLeg: 2, metadata: {} }] } },
      { movement: { pattern: "cross", concurrency: 2 } },
      { movement: { pattern: "simultaneous" } },
      { movement: { turns: [{ channel: "tls" }, {}] } },
      { migration: { mode: "postcopy", timeout: "90s", timeoutAction: "postcopy" } },
      { migration: { channel: "tunnelled", control: "p2p" } },
      { migration: { connections: 4, bandwidthMiBps: 7, maxDowntime: "1500ms" } },
      { migration: { compression: "xbzrle", copyStorage: "inc", autoConverge: true } },
      { stress: { tool: "stress", kind: "memory", hosts: "both", hostMemory: "short", guests: true } },
      { booting: { besides: 3 } },
      { booting: { migrating: true } },
      { probes: { path: true, ports: [22, 2049], captureLimit: "1GiB" } },
      { classes: { on: "migration", migration: { rate: 10 }, filters: false } },
      { limits: { downtime: "1ms", warnDowntime: "1ms", totalTime: "2h" } },
      { expect: { outcome: "failed", error: "x" } },
      { expect: { channel: "native", cpuRatio: 1.25 } },
    ),
    fc.record({ movement: fc.record({ rounds: fc.integer({ min: 1, max: 12 }) }) }),
    fc.record({
      load: fc.array(
        fc.record({
          on: fc.constantFrom("guests", "target"),
          tool: fc.constant("stress"),
          args: fc.array(text, { minLength: 1, maxLength: 3 }),
        }),
        { maxLength: 5 },
      ),
    }),
    fc.record({
      faults: fc.array(
        fc.record({ do: fc.constantFrom("block-rpc", "kill-libvirtd"), leg: some(fc.integer({ min: 1, max: 5 })) }),
        { maxLength: 3 },
      ),
    }),
  ),
  { maxLength: 7 },
);

/** Parameters that a scenario could say: whatever conflicts is left out. */
export const someParams: fc.Arbitrary<Params> = patches.map((all) =>
  all.reduce<Params>((params, patch) => {
    const merged = mergeSections(params, patch);
    return merged !== undefined && conflictsIn(merged).length === 0 ? merged : params;
  }, paramsSchema.parse({})),
);

/** Read anew from what was written before and the patch. */
function mergeSections(params: Params, patch: object): Params | undefined {
  const given: Record<string, unknown> = { ...(written.get(params) ?? {}) };
  for (const [section, value] of Object.entries(patch)) given[section] = mergePatch(given[section], value);
  const { data } = paramsSchema.safeParse(JSON.parse(JSON.stringify(given)));
  if (data !== undefined) written.set(data, given);
  return data;
}
const written = new WeakMap<Params, object>();
