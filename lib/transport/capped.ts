/** Output of one command beyond this many bytes is cut: nothing a host prints may fill the runner's memory. */
export const MAX_OUTPUT_BYTES = 16 * 2 ** 20;

export interface CappedOutput {
  readonly push: (chunk: Buffer) => void;
  readonly text: () => string;
}

/** Keeps the first `maxBytes` and says so at the end when there was more. What is cut is still read, so nobody blocks. */
export function cappedOutput(maxBytes = MAX_OUTPUT_BYTES): CappedOutput {
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  let isCut = false;
  return {
    push: (chunk) => {
      const room = maxBytes - keptBytes;
      isCut ||= chunk.length > room;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      keptBytes += Math.min(room, chunk.length);
    },
    text: () => Buffer.concat(chunks).toString() + (isCut ? `\n[cut after ${maxBytes} bytes]\n` : ""),
  };
}
