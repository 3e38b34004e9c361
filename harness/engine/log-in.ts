import { isIPv4 } from "node:net";
import { HarnessError, messageOf } from "../../lib/errors.js";
import { guestAddress } from "../../lib/libvirt/guest-address.js";
import type { PlannedGuest } from "../../lib/model/plan.js";
import { until } from "../../lib/poll.js";
import { type CaseContext, hostOf, type LoggedIn } from "./context.js";

const POLL_MS = 25;

/**
 * Tries to log in to a guest until it succeeds.
 * @param inVain told of each try that came to nothing, and when it began: it may have hung for long. Not told as long as nobody
 *   knows an address: that libvirt tells none proves nothing of the guest, which may have been up for long. An agent starts after
 *   sshd, the host's ARP table has only whom the host spoke to, and a lookup may fail
 * @throws HarnessError `deadline` when the guest has not come up within the limit of the case; `unreachable` when it has, and lets
 *   nobody in
 */
export async function logIn(
  ctx: CaseContext,
  guest: PlannedGuest,
  signal: AbortSignal,
  inVain: (startMs: number) => void = () => undefined,
): Promise<LoggedIn> {
  let last: unknown = "no address yet";
  const attempt = async (): Promise<LoggedIn | undefined> => {
    const address = await addressOf(ctx, guest);
    if (address === undefined) return undefined;
    const startMs = ctx.nowMs();
    const remote = await ctx.openGuest(guest, address).catch((error: unknown) => {
      inVain(startMs);
      throw error;
    });
    return { address, remote };
  };
  const tolerant = (): Promise<LoggedIn | undefined> =>
    attempt().catch((error: unknown) => {
      last = error;
      return undefined;
    });
  const loggedIn = until(tolerant, {
    everyMs: POLL_MS,
    timeoutMs: ctx.plan.case.params.limits.boot,
    signal,
    what: `the ssh of ${guest.name} to answer`,
    detail: () => messageOf(last),
  });
  return loggedIn.catch((error: unknown) => {
    throw isDeadline(error) && isRefused(last) ? new HarnessError("unreachable", messageOf(error), {}, error) : error;
  });
}

const isDeadline = (error: unknown): boolean => error instanceof HarnessError && error.code === "deadline";

/** Whoever shows a key, or asks for one, has come up. */
const isRefused = (error: unknown): boolean =>
  error instanceof HarnessError && ["host-key", "no-such-key", "login"].includes(String(error.details.reason));

/** Where it can be reached, wherever it has moved to since that was found out; absent as long as nobody knows. */
export async function addressOf(ctx: CaseContext, { address, host, name, mac }: PlannedGuest) {
  const { remote, host: where } = hostOf(ctx, host);
  const { guests, boots } = ctx.state;
  const met = address?.split("/")[0] ?? guests.get(name)?.address ?? boots.get(name)?.address;
  const known = met ?? (await guestAddress(remote.run, where.connectUri, name, mac));
  return known !== undefined && isIPv4(known) ? known : undefined;
}
