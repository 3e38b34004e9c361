import type { Command } from "./model/command.js";
import type { CommandRecord } from "./model/result.js";
import { redact } from "./redact.js";

/** A guest's definition has some 3 KiB. */
const KEPT_BYTES = 16 * 1024;

/** What a record keeps of a command's input: all of it, or how much it was. */
export function keptInput({ input = "" }: Pick<Command, "input">): Pick<CommandRecord, "input" | "lostInputBytes"> {
  const bytes = Buffer.byteLength(input);
  if (bytes > KEPT_BYTES) return { lostInputBytes: bytes };
  return bytes === 0 ? {} : { input: redact(input) };
}
