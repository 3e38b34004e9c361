/**
 * Waits for all of them, then throws what the first one that failed threw. `Promise.all` would let go at the first failure,
 * and what still runs would go on changing hosts while they are being put back.
 */
export async function allDone<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
