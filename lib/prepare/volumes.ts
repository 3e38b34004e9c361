import { HarnessError } from "../errors.js";
import type { Command, HostChange } from "../model/command.js";
import type { Image, Inventory, Storage } from "../model/inventory.js";
import type { PlannedVolume } from "../model/plan.js";
import { ask } from "../transport/ask.js";
import type { Run } from "../transport/transport.js";
import { type DiskSource, diskSource, storageFolder } from "./disks.js";
import { FILE, ISCSI, NBD, NO_ISCSI, NO_NBD } from "./volume-scripts.js";

/** A root disk is copied whole. */
const TIMEOUT_MS = 300_000;

/** Volumes are raw; the file of one lies beside the disks, wherever it is served from. */
const fileOf = (storage: Storage, { name }: PlannedVolume): string => `${storageFolder(storage)}/${name}.raw`;

const localFile = ({ localFolder }: Inventory, { name }: PlannedVolume): string => `${localFolder}/${name}.raw`;

/**
 * Makes a volume on the machine that makes disks, and serves it from there. Not for volumes that are `local`.
 * @param image whose base disk it is to hold a copy of
 */
export function makeVolume({ storage }: Inventory, volume: PlannedVolume, image?: Image): HostChange {
  const { name, on, sizeMiB = 0 } = volume;
  const file = fileOf(storage, volume);
  const base = image?.disk === undefined ? "" : `${storageFolder(storage)}/${image.disk}`;
  const making = [file, `${sizeMiB}M`, base, image?.diskFormat ?? ""];
  const what = `volume ${name} (${on})${base === "" ? "" : ` from ${image?.disk}`}`;
  if (on === "iscsi") {
    const target = targetOf(storage, volume);
    return { what, apply: script(ISCSI, ...making, target), undo: script(NO_ISCSI, file, target) };
  }
  if (on === "nbd") {
    const { firstPort, lastPort } = serverOf(storage, "nbd");
    const ports = [String(firstPort), String(lastPort)];
    return { what, apply: script(NBD, ...making, name, ...ports), undo: script(NO_NBD, file) };
  }
  return { what, apply: script(FILE, ...making), undo: removeFile(file) };
}

/** A file of one host's own. */
export function makeLocal(inventory: Inventory, volume: PlannedVolume): HostChange {
  const file = localFile(inventory, volume);
  return {
    what: `disk ${volume.name} of this host's own`,
    apply: script(FILE, file, `${volume.sizeMiB ?? 0}M`, "", ""),
    undo: removeFile(file),
  };
}

/**
 * Where a volume is for QEMU. A volume behind NBD has to be there already: its port is asked for.
 * @param run on the machine that makes disks
 */
export async function volumeSource(inventory: Inventory, volume: PlannedVolume, run: Run): Promise<DiskSource> {
  const { storage } = inventory;
  switch (volume.on) {
    case "local":
      return { kind: "file", path: localFile(inventory, volume) };
    case "iscsi": {
      const { portal, port } = serverOf(storage, "iscsi");
      return { kind: "iscsi", portal, port, target: targetOf(storage, volume) };
    }
    case "nbd":
      return {
        kind: "nbd",
        server: serverOf(storage, "nbd").server,
        port: await nbdPort(run, `${fileOf(storage, volume)}.port`),
        exportName: volume.name,
      };
    case "nfs": {
      const source = diskSource(storage, `${volume.name}.raw`);
      if (source === undefined) throw new HarnessError("internal", `there is no storage for ${volume.name}`);
      return source;
    }
  }
}

async function nbdPort(run: Run, file: string): Promise<number> {
  const { exitCode, stdout, stderr, host } = await ask(run, { file: "cat", args: ["--", file], timeoutMs: 20_000 });
  const port = /^(\d{1,5})\n$/.exec(stdout)?.[1];
  if (exitCode === 0 && port !== undefined) return Number(port);
  throw new HarnessError("command-failed", `${host} does not say the port of a volume: ${stderr.trim() || stdout}`);
}

const targetOf = (storage: Storage, { name }: PlannedVolume): string =>
  `${serverOf(storage, "iscsi").iqnPrefix}:${name}`;

type Servers = Exclude<Storage, { kind: "none" }>;

function serverOf<K extends "iscsi" | "nbd">(storage: Storage, kind: K): NonNullable<Servers[K]> {
  const server = storage.kind === "none" ? undefined : storage[kind];
  if (server === undefined) throw new HarnessError("internal", `the inventory's storage has no ${kind}`);
  return server;
}

const removeFile = (file: string): Command => ({ file: "rm", args: ["-f", "--", file], timeoutMs: TIMEOUT_MS });

const script = (text: string, ...args: string[]): Command => ({
  file: "sh",
  args: ["-c", text, "sh", ...args],
  timeoutMs: TIMEOUT_MS,
});
