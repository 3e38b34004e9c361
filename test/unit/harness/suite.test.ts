import assert from "node:assert/strict";
import { runSuite } from "../../../harness/suite.js";
import { paramsSchema } from "../../../lib/model/params.js";
import type { Plan } from "../../../lib/model/plan.js";

const planned = (id: string): Plan => {
  const scenario = id.split(".")[0] ?? "";
  const params = paramsSchema.parse({});
  return { verdict: "skip", case: { id, scenario, variants: [], tags: [], testIds: [], params }, reason: "" };
};
const run = async (ids: readonly string[], failing = "", failFast = false) => {
  const ran: string[] = [];
  const resultOf = async ({ case: { id } }: Plan) => {
    ran.push(id);
    return { status: id === failing ? ("FAIL" as const) : ("PASS" as const) };
  };
  const { failures } = await runSuite(ids.map(planned), { resultOf, failFast });
  return { ran, failures };
};

describe("runSuite", () => {
  const mixed = ["a.1", "b.1", "a.2", "c.1", "b.2"];
  it("runs cases of several scenarios in the order that they are given in", async () => {
    assert.deepEqual(await run(mixed), { ran: mixed, failures: 0 });
  });
  it("stops after the first one that is not OK where it is to, whatever scenario follows", async () => {
    assert.deepEqual(await run(mixed, "b.1", true), { ran: ["a.1", "b.1"], failures: 1 });
  });
});
