import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Arguments with which Node runs a script of ours in a process of its own, compiled or not.
 * @param place relative to the module at `from`, without its ending
 * @param heapMiB memory that its JavaScript may take
 */
export const ownScript = (place: string, from: string, heapMiB: number): string[] => [
  ...loaders(),
  `--max-old-space-size=${heapMiB}`,
  fileURLToPath(new URL(`${place}${extname(from)}`, from)),
];

/** What reads TypeScript where this was not compiled. Any other flag is not for a child: with `-e` it would be us again. */
const loaders = (): string[] => process.execArgv.filter((flag) => flag.startsWith("--import="));
