import assert from "node:assert/strict";
import type { CaseResult } from "../../lib/model/result.js";
import type { Status } from "../../lib/model/status.js";

/** Checks of a case by name, each with a status. */
type Verdicts = Readonly<Record<string, Status>>;

/**
 * Where libvirt itself is silent on a migration (that it switched, how long the guest stood still), and where the kernel tells that
 * a QEMU 10.0.2 ended with a fault on the source after the guest had left it: once in some hundred postcopy migrations.
 */
export const POSTCOPY_MAY_WARN: Verdicts = { mode: "WARN", statistics: "WARN", "host-kernel-log": "WARN" };

/**
 * The checks of a case that found something are these and no others: a check that was not meant and turns red too is a
 * false alarm.
 * @param maybe what may be found besides, as far as the speed of the machine goes
 */
export function assertFound(one: CaseResult | undefined, expected: Verdicts, maybe: Verdicts = {}): void {
  const checks = one?.checks ?? [];
  const found = checks.filter(({ check, status }) => status !== "PASS" && maybe[check] !== status);
  assert.deepEqual(
    Object.fromEntries(found.map(({ check, status }) => [check, status])),
    expected,
    found.map(({ check, status, message }) => `${check}: ${status}: ${message}`).join("\n"),
  );
}
