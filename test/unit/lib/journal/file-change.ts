import type { HostChange } from "../../../../lib/model/command.js";

/** Makes a file, 150 ms after it was told to. */
export const fileChange = (path: string): HostChange => ({
  what: `file ${path}`,
  apply: { file: "sh", args: ["-c", 'sleep 0.15; : >"$1"', "sh", path], timeoutMs: 5_000 },
  undo: { file: "rm", args: ["-f", path], timeoutMs: 5_000 },
});
