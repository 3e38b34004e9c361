import type { HostChange } from "../../lib/model/command.js";
import type { CaseResult } from "../../lib/model/result.js";
import { jobKeyFrom, keyWord } from "./job-key.js";
import type { Places } from "./machines.js";
import { posixWord } from "./posix-line.js";

/** A change as the undo journal has it, with the machine where it was made. */
export interface MadeChange extends HostChange {
  readonly host: string;
}

/** A case and what its scripts need besides its result. */
export interface ReproInput extends Places {
  readonly jobId: string;
  /** Names of the two hosts. */
  readonly hosts: readonly string[];
  readonly result: CaseResult;
  /** What made guests that the case took over from an earlier one; in the order in which it was done. */
  readonly earlier: readonly MadeChange[];
}

/** First lines of a script. Scripts among the arguments are for the other side, and not every variable is used in each. */
export const BEGIN: readonly string[] = ["#!/bin/sh", "# shellcheck shell=sh disable=SC2016,SC2029,SC2034"];

/** The key that lets one host log in to the other is made anew, so the line that allows it is too. */
export const commandLine = (argv: readonly string[], what: string): string =>
  argv.map((word) => keyWord(word, jobKeyFrom(what)) ?? posixWord(word)).join(" ");
