// mocha's usual output, and the counts added to the file named by MIGSTORM_TEST_COUNTS for test/run.mjs. Tests that leave
// something open would keep mocha from ending for ever: that is told and ended, and fails the run. So does a mocha that ends
// before its last test, which by itself would exit with 0.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");

const graceMs = Number(process.env.MIGSTORM_TEST_GRACE_MS ?? 15_000);

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.MIGSTORM_TEST_COUNTS;
    const write = ({ passes, failures, pending }) => {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify({ passes, failures, pending })}\n`);
    };
    const cutShort = () => {
      process.stderr.write("mocha ended before its last test\n");
      write({ ...this.stats, failures: this.stats.failures + 1 });
      process.exitCode = Math.max(1, Number(process.exitCode ?? 0));
    };
    process.once("exit", cutShort);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      process.off("exit", cutShort);
      const { failures } = this.stats;
      write(this.stats);
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
