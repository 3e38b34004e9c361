/** Who has a host, as the host itself keeps it for everybody who comes. */
export interface LockRecord {
  readonly jobId: string;
  /** User who started the job. */
  readonly who: string;
  /** Machine that the runner is on. */
  readonly controller: string;
  /** Process of the runner there. */
  readonly pid: number;
  /** ISO 8601 UTC. */
  readonly since: string;
  readonly reason: string;
  /** Folder of the job's results on the controller. */
  readonly resultsDir: string;
}

/** The owner of a host as found there. */
export interface Owner {
  readonly token: string;
  /** Absent when what is there cannot be read. */
  readonly record?: LockRecord;
  /** The connection of its runner still stands. */
  readonly lives: boolean;
}

/** Reads `lives` or `dead`, the token, the record: what the lock scripts print of an owner. */
export function parseOwner([life, token, record]: readonly string[]): Owner | undefined {
  if (token === undefined || token === "") return undefined;
  const parsed = parseRecord(record ?? "");
  return { token, lives: life === "lives", ...(parsed === undefined ? {} : { record: parsed }) };
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // Not ours, or cut: then the message says less.
    return undefined;
  }
}

const isRecord = (value: unknown): value is LockRecord =>
  typeof value === "object" &&
  value !== null &&
  ["jobId", "who", "controller", "since", "reason", "resultsDir"].every(
    (key) => typeof (value as Record<string, unknown>)[key] === "string",
  );

/** Who holds the host and what to do about it. */
export function busyMessage(host: string, { record, lives }: Owner): string {
  if (record === undefined) return `${host} is in use by a job that left no readable record in /run/migstorm/owner`;
  const { jobId, who, controller, pid, since, reason, resultsDir } = record;
  const holder = `${host} is in use by ${jobId} of ${who} (process ${pid} on ${controller}) since ${since}: ${reason}`;
  return lives
    ? `${holder}. Its runner is alive: wait for it, or stop it there`
    : `${holder}. Its runner is gone: put the host back with \`migstorm recover ${resultsDir}\` on ${controller}`;
}
