/**
 * Waits for work, but not for ever: for what is a courtesy and must not hold up what comes after it. The work itself goes
 * on; that it fails later is nobody's any more.
 * @returns whether it was done in time
 */
export async function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
