import { homedir } from "node:os";
import { join } from "node:path";

/** Where what labs are made of is kept, as the XDG base directory specification says. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "migstorm");
