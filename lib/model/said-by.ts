import { plainText } from "./plain-text.js";

/** How a program ended. */
interface Ended {
  /** Of one that a signal ended, as shells tell it: 128 and the number. Absent: nobody knows. */
  readonly exitCode?: number;
  readonly stderr: string;
}

const NOTHING = "it said nothing";

/** Why a program did not do its work: its own words, or where there are none that can be shown, how it ended. Never empty. */
export const saidBy = ({ exitCode, stderr }: Ended): string =>
  plainText(stderr) === "" ? `${NOTHING}, ${endOf(exitCode)}` : stderr.trim();

/** Whether these are no words of the program's own: then nobody knows why. */
export const saysNothing = (said: string): boolean => plainText(said) === "" || said.startsWith(NOTHING);

function endOf(exitCode: number | undefined): string {
  if (exitCode === undefined) return "and its exit code is not known";
  return exitCode > 128 && exitCode <= 128 + LAST_SIGNAL ? `signal ${exitCode - 128}` : `exit code ${exitCode}`;
}

const LAST_SIGNAL = 64;
