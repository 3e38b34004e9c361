import { plainText } from "../../lib/model/plain-text.js";
import { loadAndSelect, type SelectionOptions } from "./selection.js";

export interface ListOptions extends SelectionOptions {
  readonly count?: boolean;
  readonly json?: boolean;
}

/** Prints the expanded cases: a line each, their number, or everything as JSON. @returns the exit code */
export async function list(
  paths: readonly string[],
  options: ListOptions,
  write: (text: string) => void,
): Promise<number> {
  const { cases, total, seed, profile } = await loadAndSelect(paths, options);
  if (options.json) {
    write(`${JSON.stringify(cases, null, 2)}\n`);
    return 0;
  }
  if (options.count) {
    write(`${cases.length}\n`);
    return 0;
  }
  const lines = cases.map(({ id, tags, testIds }) => {
    const notes = [...tags.map((tag) => `#${tag}`), ...testIds].join(" ");
    return notes === "" ? plainText(id) : `${plainText(id)}  ${plainText(notes)}`;
  });
  const chosen = cases.length === total ? `${total} cases` : `${cases.length} of ${total} cases`;
  const hasChance = options.sample !== undefined || options.order === "shuffled";
  const notes = [...(hasChance ? [`seed ${seed}`] : []), ...(profile === undefined ? [] : [`profile ${profile.name}`])];
  write(`${lines.join("\n")}\n${[chosen, ...notes].join(", ")}\n`);
  return 0;
}
