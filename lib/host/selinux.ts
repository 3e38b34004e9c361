import { HarnessError } from "../errors.js";
import type { HostChange } from "../model/command.js";
import type { HostFacts } from "../model/result.js";
import type { Run } from "../transport/transport.js";

/**
 * The change that lets QEMU use files on NFS, where SELinux would forbid it. Asks first: a boolean that is on already is
 * neither set nor, at the end, switched off.
 */
export async function allowNfs(run: Run, seLinux: HostFacts["seLinux"]): Promise<HostChange[]> {
  if (seLinux !== "enforcing") return [];
  const { host, exitCode, stdout, stderr } = await run({
    file: "getsebool",
    args: ["virt_use_nfs"],
    timeoutMs: 10_000,
  });
  const state = /^virt_use_nfs --> (on|off)$/m.exec(stdout)?.[1];
  if (exitCode !== 0 || state === undefined)
    throw new HarnessError("command-failed", `${host}: cannot read the SELinux boolean virt_use_nfs: ${stderr.trim()}`);
  return state === "on" ? [] : [{ what: "SELinux: virt_use_nfs on", apply: set("on"), undo: set("off") }];
}

/** Without -P it holds until the next boot only. */
const set = (state: "on" | "off") => ({ file: "setsebool", args: ["virt_use_nfs", state], timeoutMs: 60_000 });
