/** Name of a log on the page of logs: what it is of, and what it is. */
export interface LogName {
  /** Guest or host. */
  readonly place: string;
  /** e.g. `kernel`, `collected`. */
  readonly log: string;
}

export const kernelLog = (place: string): LogName => ({ place, log: "kernel" });

const LONGEST = 100;

/**
 * `h1-kernel-L12`: where a line stands. Names of libvirt's may have anything in them, of which an anchor has letters, digits and
 * `._-`; two names that differ in nothing else share their anchors, and a link leads to the first.
 */
export const lineAnchor = (name: LogName, line: number): string => anchorOfLine(logAnchor(name), line);

/** The same where the anchor of the log is known: a log has many lines. */
export const anchorOfLine = (log: string, line: number): string => `${log}-L${line}`;

export const logAnchor = ({ place, log }: LogName): string =>
  `${place}-${log}`.slice(-LONGEST).replace(/[^A-Za-z0-9._-]/g, "-");
