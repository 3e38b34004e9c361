/** npm and terminals deliver one Ctrl-C twice; what comes sooner than this after the first is the same one. */
const ECHO_MS = 1000;

/**
 * Turns Ctrl-C (SIGINT), SIGTERM and SIGHUP into an abort. The first asks to stop and restore; the second leaves at
 * once: journals are on disk, and `recover` does the rest.
 * @returns the signal, and how to stop listening.
 */
export function interruptible(say: (line: string) => void): {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
} {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      say(`${name}: stopping and putting the hosts back; once more leaves at once`);
      controller.abort(new Error(`stopped by ${name}`));
    } else if (performance.now() - firstAt > ECHO_MS) {
      say("leaving at once; `migstorm recover` puts the hosts back");
      process.exit(8);
    }
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
