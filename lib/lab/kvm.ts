import { readFile, rename, writeFile } from "node:fs/promises";
import { KERNEL_IS_UP, PROBE_WORD } from "./guest-files.js";
import type { GuestImages } from "./image.js";
import { bootId } from "./owner.js";
import { here, must, succeeds } from "./sh.js";

const PROBE_SECONDS = 10;

/**
 * Whether a guest really boots under KVM here. A device that opens proves nothing: some machines have one under which
 * an ordinary kernel never gets anywhere. Asked once for each boot of this machine and version of QEMU.
 */
export async function kvmWorks(images: GuestImages, report: (line: string) => void = () => undefined) {
  if (!(await succeeds("test", ["-w", "/dev/kvm"]))) return false;
  const question = `${await bootId()} ${await must("qemu-system-x86_64", ["--version"])}`;
  const memory = `${images.folder}/kvm.json`;
  const known = await readFile(memory, "utf8").then(
    (text) => JSON.parse(text) as { question?: string; works?: boolean },
    () => undefined,
  );
  if (known?.question === question && known.works !== undefined) return known.works;
  report(`KVM: trying whether a guest boots under it (at most ${PROBE_SECONDS} s)`);
  const works = await boots(images);
  report(`KVM: ${works ? "works" : "no guest boots under it here, so guests are emulated"}`);
  await writeFile(`${memory}.${process.pid}`, JSON.stringify({ question, works }));
  await rename(`${memory}.${process.pid}`, memory);
  return works;
}

/** `timeout` ends QEMU also when the runner is killed meanwhile. */
async function boots({ kernel, initrd }: GuestImages): Promise<boolean> {
  const result = await here({
    file: "timeout",
    args: [
      ...["-k", "1", String(PROBE_SECONDS), "qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-m", "192"],
      ...["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio", "-kernel", kernel, "-initrd", initrd],
      ...["-append", `console=ttyS0 panic=-1 ${PROBE_WORD}`],
    ],
    timeoutMs: (PROBE_SECONDS + 5) * 1000,
  });
  return result.stdout.includes(KERNEL_IS_UP);
}
