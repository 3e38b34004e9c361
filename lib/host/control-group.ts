import type { Run } from "../transport/transport.js";

/**
 * The control group that a host is, where it is one of several on a machine whose kernel they share: the group of its first
 * process, as that machine's kernel names it. Absent: it is the machine itself, or does not say. Never rejects.
 */
export const controlGroup = (run: Run): Promise<string | undefined> =>
  run({ file: "cat", args: ["/proc/1/cgroup"], timeoutMs: 30_000 }).then(
    ({ exitCode, stdout }) => (exitCode === 0 ? parseControlGroup(stdout) : undefined),
    () => undefined,
  );

/**
 * Reads `4:memory:/a/b` of version 1, else `0::/a/b` of version 2. systemd keeps itself in `init.scope` below the root of
 * what it manages. A path with `..` leads out of a namespace: then nobody knows the kernel's own name for it.
 */
export function parseControlGroup(text: string): string | undefined {
  const groups = text.split("\n").flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return path === "" ? [] : [{ controllers: controllers.split(","), path }];
  });
  const ofMemory = groups.find(({ controllers }) => controllers.includes("memory"));
  const path = (ofMemory ?? groups.find(({ controllers }) => controllers.includes("")))?.path.replace(
    /\/init\.scope$/,
    "",
  );
  return path === undefined || path === "" || path === "/" || path.split("/").includes("..") ? undefined : path;
}
