import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../lib/errors.js";
import { plainText } from "../lib/model/plain-text.js";
import { badInput } from "./places.js";

const MAX_BYTES = 2 ** 20;

/**
 * Text of a file that a person wrote.
 * @throws HarnessError `bad-input` when it is missing, not a file, over 1 MiB, empty, or not text in UTF-8
 */
export async function readText(file: string): Promise<string> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) throw new Error("this is a folder, not a file");
    // A device or pipe has no size to look at first, and may never end.
    if (!facts.isFile()) throw new Error("this is not a regular file");
    if (facts.size > MAX_BYTES) throw new Error(`it has ${facts.size} bytes, ${MAX_BYTES} are allowed`);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
    if (text.trim() === "") throw new Error("it is empty");
    if (text.includes("\0")) throw new Error("it is not a text file");
    return text;
  } catch (error) {
    throw badInput([`${plainText(file)}: ${plainText(reason(error))}`]);
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it is not a text file in UTF-8";
  return messageOf(error);
}
