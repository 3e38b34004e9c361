// mocha's usual output, and the counts added to the file named by MIGSTORM_TEST_COUNTS for test/run.mjs. Tests that leave
// something open would keep mocha from ending for ever: that is told and ended, and fails the run.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");

const graceMs = Number(process.env.MIGSTORM_TEST_GRACE_MS ?? 15_000);

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.MIGSTORM_TEST_COUNTS;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ passes, failures, pending })}\n`);
      setTimeout(() => {
        const open = [...new Set(process.getActiveResourcesInfo())].join(", ");
        process.stderr.write(`tests are over and left open: ${open}\n`);
        // mocha sets the exit code of its own when the process ends.
        process.once("exit", () => {
          process.exitCode = Math.max(1, failures);
        });
        process.exit();
      }, graceMs).unref();
    });
  }
};
