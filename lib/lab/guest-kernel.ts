import { readFile, writeFile } from "node:fs/promises";
import { must, mustSh } from "./sh.js";

/** Where the boot protocol of Linux on x86 has what the kernel says about its compressed part. */
const SETUP_SECTORS = 0x1f1;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const SECTOR = 512;

/**
 * The kernel of the guests, uncompressed: under emulation a guest takes 0.3 s to unpack it by itself. QEMU starts such a
 * kernel through the entry that it has for PVH (`CONFIG_PVH`, in Debian's kernels). One that is not compressed with LZ4
 * or has no such entry stays as it is.
 * @param folder the kernel package, unpacked
 */
export async function guestKernel(folder: string, target: string): Promise<void> {
  const paths = (await mustSh('ls "$1"/boot/vmlinuz-* "$1"/boot/config-*', [folder])).trim().split("\n");
  const [config = "", image = ""] = paths.sort();
  const bytes = await readFile(image);
  const payload = lz4Payload(bytes);
  if (payload === undefined || !/^CONFIG_PVH=y$/m.test(await readFile(config, "utf8"))) return writeFile(target, bytes);
  await writeFile(`${image}.lz4`, payload);
  await must("lz4", ["-q", "-d", "-f", `${image}.lz4`, target]);
}

/**
 * The compressed part of a kernel image, without the length that is put after it; nothing when it is not LZ4 in the
 * format that the kernel's build uses (the "legacy frame").
 */
export function lz4Payload(image: Buffer): Buffer | undefined {
  const start = ((image[SETUP_SECTORS] ?? 0) + 1) * SECTOR + image.readUInt32LE(PAYLOAD_OFFSET);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH) - 4);
  return payload.length > 4 && payload.readUInt32LE(0) === 0x184c2102 ? payload : undefined;
}
