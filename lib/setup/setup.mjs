#!/usr/bin/env node
// Makes a checkout ready to run, on a machine that may have nothing but Debian, Node and npm. Each part looks first and
// does only what is missing, so it can be run again at any time, also after it was interrupted.
//
//   node lib/setup/setup.mjs [--only packages|npm|build|image]
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, installNpmPackages } from "./checkout.mjs";
import { installPackages } from "./debian.mjs";
import { checkMachine } from "./machine.mjs";
import { EXIT, run, SetupError, say, timed } from "./run.mjs";

const ROOT = resolve(import.meta.dirname, "../..");

/** One set-up at a time on a machine. dpkg has this folder wherever there is apt, and locking it leaves no file. */
const LOCK = "/var/lib/dpkg";

const PARTS = {
  packages: () => timed("Debian packages", installPackages),
  npm: () => timed("npm packages", () => installNpmPackages(ROOT)),
  build: () => timed("build", () => build(ROOT)),
  image: () => timed("guest image", buildImage),
};

async function main() {
  const wanted = parts(process.argv.slice(2));
  checkMachine();
  // Starts itself anew as the holder of the lock, which goes with that process, however it ends.
  if (process.env.MIGSTORM_SETUP_LOCK !== "held") {
    const args = [LOCK, process.execPath, ...process.argv.slice(1)];
    const env = { ...process.env, MIGSTORM_SETUP_LOCK: "held" };
    const { exitCode } = run("flock", args, { env, stdio: "inherit" });
    process.exitCode = exitCode < 0 ? EXIT.interrupted : exitCode;
    return;
  }
  for (const part of wanted) await PARTS[part]();
}

/** @param {readonly string[]} args */
function parts(args) {
  if (args.length === 0) return Object.keys(PARTS);
  const [option, part = ""] = args;
  if (option === "--only" && args.length === 2 && Object.hasOwn(PARTS, part)) return [part];
  throw new SetupError(`usage: node lib/setup/setup.mjs [--only ${Object.keys(PARTS).join("|")}]`, EXIT.usage);
}

/** Builds the guest image, tries out KVM and gets what stands in for it, so that the first lab has to wait for nothing. */
async function buildImage() {
  const { guestImages } = await compiled("lib/lab/image.js");
  const { kvmWorks } = await compiled("lib/lab/kvm.js");
  const { labQemu } = await compiled("lib/lab/qemu.js");
  const images = await guestImages(say);
  const works = await kvmWorks(images, say);
  if (!works) await labQemu(say);
  return `${images.folder.replace(homedir(), "~")}, guests run ${works ? "under KVM" : "emulated"}`;
}

/** @param {string} path */
const compiled = (path) => import(pathToFileURL(join(ROOT, "dist", path)).href);

// A signal reaches the running program too. With a listener this process outlives it long enough to put things back.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

main().catch((error) => {
  console.error(`setup: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof SetupError ? error.exitCode : EXIT.failed;
});
