import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { EXIT, run, SetupError } from "./run.mjs";

const NODE_FLOOR = [20, 19];

/** What the set-up itself calls, and the Debian package that brings it. */
const PROGRAMS = { "dpkg-query": "dpkg", dpkg: "dpkg", "apt-get": "apt", "apt-cache": "apt", flock: "util-linux" };

/**
 * Looks whether this machine can be set up at all.
 * @throws {SetupError} with one sentence that says what to do
 */
export function checkMachine() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor < NODE_FLOOR[1]))
    refuse(`Node ${process.versions.node} is too old: install Node ${NODE_FLOOR.join(".")} or newer`);
  if (process.platform !== "linux") refuse(`this is ${process.platform}: run it on Linux, libvirt and KVM need it`);
  if (process.getuid?.() !== 0)
    refuse("packages, namespaces and libvirt need root: run the same command as root, e.g. `sudo npm start`");
  if (!has("apt-get"))
    refuse(
      "there is no apt-get here: run it on Debian 12 or a relative; on another system install the npm packages with `npm ci`, " +
        "build with `npm run build`, and use `migstorm run --inventory` on hosts of your own",
    );
  if (!has("npm")) refuse("there is no npm here: install it beside Node (Debian package npm, or Node from nodejs.org)");
  for (const [program, packageName] of Object.entries(PROGRAMS))
    if (!has(program)) refuse(`the program ${program} is missing: install it with \`apt-get install ${packageName}\``);
  const arch = run("dpkg", ["--print-architecture"]).stdout.trim();
  if (arch !== "amd64")
    refuse(`this machine is ${arch}: the lab's guests are built for amd64, run it on such a machine`);
}

/** @param {string} sentence @returns {never} */
function refuse(sentence) {
  throw new SetupError(sentence, EXIT.usage);
}

/** Whether a program is on the path. @param {string} program */
const has = (program) =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
