import assert from "node:assert/strict";
import { watchMigration } from "../../../../harness/engine/migrate.js";
import { type MigrationOptions, paramsSchema } from "../../../../lib/model/params.js";
import type { Detached, DetachedEnd } from "../../../../lib/transport/detached.js";
import type { Run } from "../../../../lib/transport/transport.js";
import { fakeCase, MOVE } from "./fake-case.js";

describe("a migration that is aborted", () => {
  it("is not asked to switch to postcopy any more, after which it could not be", async () => {
    const asked: string[] = [];
    const run: Run = async (command) => {
      asked.push(command.args[2] ?? "");
      return { command, host: "h1", exitCode: 1, stdout: "", stderr: "error: not yet", durationMs: 1 };
    };
    let end: (answer: DetachedEnd) => void = () => undefined;
    const launch: Detached = {
      dir: "/run/migstorm/job-ab12cd3/g1-leg1",
      go: () =>
        new Promise((resolve) => {
          end = resolve;
        }),
      cancel: async () => undefined,
    };
    const options: MigrationOptions = {
      ...paramsSchema.parse({}).migration,
      ...{ mode: "postcopy", timeout: 10, timeoutAction: "postcopy" },
    };
    const job = new AbortController();
    const ctx = fakeCase({ h1: { run }, h2: {}, observer: {} });
    const watched = watchMigration(ctx, MOVE, launch, options, job.signal);
    await new Promise((resolve) => setTimeout(resolve, 400));
    job.abort(new Error("Ctrl-C"));
    await new Promise((resolve) => setTimeout(resolve, 600));
    end({ kind: "ended", exitCode: 1, stdout: "", stderr: "error: operation aborted" });
    assert.equal((await watched).outcome, "aborted");
    assert.equal(asked[0], "migrate-postcopy");
    assert.deepEqual(asked.slice(asked.indexOf("domjobabort")), ["domjobabort"]);
  });
});
