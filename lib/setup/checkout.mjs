import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { must, SetupError, say } from "./run.mjs";

/** npm packages whose install scripts may run; those of all others do not. `pcap` is compiled against libpcap. */
const SCRIPTS_ALLOWED = ["pcap"];

const COMMAND = "dist/harness/cli.js";

/**
 * Installs the npm packages when they are not those of the lock file. The stamp goes first and comes last, so an
 * interrupted installation is done again.
 * @param {string} root
 */
export function installNpmPackages(root) {
  const modules = join(root, "node_modules");
  const stamp = join(modules, ".migstorm-stamp");
  const wanted = fingerprint([readFileSync(join(root, "package-lock.json")), process.versions.modules, process.arch]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return "up to date";
  say("npm packages: installing");
  rmSync(stamp, { force: true });
  must("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root });
  if (SCRIPTS_ALLOWED.length > 0)
    must("npm", ["rebuild", ...SCRIPTS_ALLOWED], { cwd: root, env: { ...process.env, ...headers() } });
  writeFileSync(stamp, wanted);
  return "installed";
}

/** Node's own headers where they came with it; elsewhere they are fetched. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include", "node", "node_api.h")) ? { npm_config_nodedir: prefix } : {};
}

/** @param {readonly (string | Buffer)[]} parts */
function fingerprint(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/**
 * Compiles what changed, and makes `npx migstorm` work in the checkout.
 * @param {string} root
 */
export function build(root) {
  const compiler = join(root, "node_modules", ".bin", "tsc");
  if (!existsSync(compiler)) throw new SetupError("the npm packages are missing: run `node lib/setup/setup.mjs` whole");
  // The compiler trusts its notes about what it wrote; they are worth nothing once its output is gone.
  if (!existsSync(join(root, COMMAND))) rmSync(join(root, "dist/.tsbuildinfo"), { force: true });
  must(compiler, ["-p", "tsconfig.json"], { cwd: root });
  linkCommand(root);
  return "done";
}

/** @param {string} root */
function linkCommand(root) {
  const link = join(root, "node_modules", ".bin", "migstorm");
  const target = join("..", "..", COMMAND);
  mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
  if (!isLinkTo(link, target)) {
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
  if (existsSync(join(root, COMMAND))) chmodSync(join(root, COMMAND), 0o755);
}

/** @param {string} path @param {string} target */
const isLinkTo = (path, target) =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(path) === target;
