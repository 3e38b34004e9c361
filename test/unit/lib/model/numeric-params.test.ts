import assert from "node:assert/strict";
import { z } from "zod";
import { asWritten, mapNumbers, NUMERIC_PARAMS, numericParamsOf } from "../../../../lib/model/numeric-params.js";
import { paramsSchema } from "../../../../lib/model/params.js";
import { duration, memorySize } from "../../../../lib/model/units.js";

describe("numeric parameters", () => {
  it("are found with their kind, and nothing that is no number", () => {
    const kinds = new Map(NUMERIC_PARAMS.map(({ path, kind }) => [path, kind]));
    assert.deepEqual(
      ["guests.memory", "guests.count", "migration.timeout", "guests.image", "migration.mode", "load.args"].map(
        (path) => kinds.get(path),
      ),
      ["memory", "integer", "duration", undefined, undefined, undefined],
    );
    assert.deepEqual(
      NUMERIC_PARAMS.filter(({ description }) => description === undefined),
      [],
    );
  });

  it("are found in sections that do not exist yet: lists, choices, what may be left out", () => {
    const schema = z.strictObject({
      stress: z
        .array(
          z.discriminatedUnion("kind", [
            z.strictObject({ kind: z.literal("cpu"), workers: z.int().min(1).default(4) }),
            z.strictObject({ kind: z.literal("memory"), each: memorySize.describe("Of each.").optional() }),
          ]),
        )
        .default([]),
      booting: z.strictObject({ pause: duration.optional(), share: z.number().max(1).optional() }).optional(),
    });
    const found = numericParamsOf(schema);
    assert.deepEqual(
      found.map(({ path, kind }) => [path, kind]),
      [
        ["stress.workers", "integer"],
        ["stress.each", "memory"],
        ["booting.pause", "duration"],
        ["booting.share", "decimal"],
      ],
    );
    const read = schema.parse({
      stress: [{ kind: "cpu" }, { kind: "memory", each: "128MiB" }],
      booting: { pause: "90s" },
    });
    const halved = mapNumbers(read, ["stress", "each"], (number) => number / 2);
    assert.deepEqual(schema.parse(asWritten(halved, found)), {
      stress: [
        { kind: "cpu", workers: 4 },
        { kind: "memory", each: 64 },
      ],
      booting: { pause: 90_000 },
    });
  });

  it("are read again from what they are written as, also the largest", () => {
    const written = { guests: { memory: "999999999GiB" }, limits: { boot: "596h", downtime: "1ms" } };
    const params = paramsSchema.parse(written);
    assert.deepEqual(paramsSchema.parse(asWritten(params)), params);
  });
});
