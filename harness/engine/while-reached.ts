import { HarnessError, messageOf } from "../../lib/errors.js";
import type { Remote } from "../../lib/transport/transport.js";

const ASK_MS = 10_000;

/**
 * Waits for something that is seen through a machine. Time that ran out says nothing when that machine could not be spoken
 * to in the meantime, or cannot be now.
 * @throws HarnessError `unreachable` then; what `wait` throws otherwise
 */
export async function whileReached<T>(through: Remote, wait: () => Promise<T>): Promise<T> {
  let lost: string | undefined;
  const forget = through.onDrop((reason) => {
    lost = reason;
  });
  try {
    return await wait();
  } catch (error) {
    if (!(error instanceof HarnessError && error.code === "deadline")) throw error;
    lost ??= await whyLost(through);
    if (lost === undefined) throw error;
    const message = `${through.name} could not be spoken to all the time (${lost}): ${error.message}`;
    throw new HarnessError("unreachable", message, {}, error);
  } finally {
    forget();
  }
}

/** A connection that is dead and has not been noticed yet shows when it is used. */
const whyLost = ({ run }: Remote): Promise<string | undefined> =>
  run({ file: "true", args: [], timeoutMs: ASK_MS }).then(() => undefined, messageOf);
