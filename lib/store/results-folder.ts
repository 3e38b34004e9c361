import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { HarnessError, messageOf } from "../errors.js";
import { plainText } from "../model/plain-text.js";
import { makeFolder } from "./artifacts.js";

/**
 * Makes the folder in which jobs leave theirs. To be called before a lab comes up or a host is spoken to.
 * @throws HarnessError `bad-input` when it cannot be made or written
 */
export async function makeResultsFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new HarnessError(
      "bad-input",
      `${plainText(path)}: results cannot be written there: ${reason(error)}; name another folder with --results-dir`,
    );
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOTDIR" || code === "EEXIST") return "it is a file, or lies below one";
  if (code === "ENOENT") return "this file system makes no folders there";
  if (code === "EACCES" || code === "EPERM") return "this user may not";
  if (code === "EROFS") return "the file system is read-only";
  if (code === "ENOSPC") return "the file system is full";
  return plainText(messageOf(error));
}
