import { existsSync } from "node:fs";

/** For a `before` hook: a lab needs root. It fails and does not skip, since a skipped lab would look like a passed one. */
export function needsRoot(): void {
  if (process.getuid?.() !== 0) throw new Error("lab tests need root: run them as root");
}

const SSHD = "/usr/sbin/sshd";

/** The machines of a lab have one too, so that without it nothing of the lab would be tested. */
export function needsSshd(): void {
  if (!existsSync(SSHD)) throw new Error(`lab tests need ${SSHD}: install openssh-server`);
}
