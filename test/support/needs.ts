/** For a `before` hook: a lab needs root. It fails and does not skip, since a skipped lab would look like a passed one. */
export function needsRoot(): void {
  if (process.getuid?.() !== 0) throw new Error("lab tests need root: run them as root");
}
