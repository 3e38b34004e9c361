import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { GuestImages } from "./image.js";
import { here, must } from "./sh.js";

const PROBE_MS = 8_000;

/**
 * Whether a guest really boots under KVM here. A device that opens proves nothing: some machines have one under which
 * an ordinary kernel never gets anywhere. Asked once for each boot of this machine and version of QEMU.
 */
export async function kvmWorks({ kernel, initrd, folder }: GuestImages): Promise<boolean> {
  const question = `${await readFile("/proc/sys/kernel/random/boot_id", "utf8")}${await must("qemu-system-x86_64", ["--version"])}`;
  const memory = `${folder}/kvm.json`;
  const known = await readFile(memory, "utf8").then(
    (text) => JSON.parse(text) as { question?: string; works?: boolean },
    () => undefined,
  );
  if (known?.question === question && known.works !== undefined) return known.works;
  const works = await boots(kernel, initrd);
  await mkdir(folder, { recursive: true });
  await writeFile(memory, JSON.stringify({ question, works }));
  return works;
}

/** Without a disk the image says so and reboots, which ends QEMU: reaching that sentence means that the kernel runs. */
async function boots(kernel: string, initrd: string): Promise<boolean> {
  const result = await here({
    file: "timeout",
    args: [
      "-k",
      "1",
      String(PROBE_MS / 1000),
      "qemu-system-x86_64",
      "-accel",
      "kvm",
      "-cpu",
      "host",
      "-m",
      "192",
      "-nodefaults",
      "-no-reboot",
      "-display",
      "none",
      "-serial",
      "stdio",
      "-kernel",
      kernel,
      "-initrd",
      initrd,
      "-append",
      "console=ttyS0 panic=-1 random.trust_cpu=1",
    ],
    timeoutMs: PROBE_MS + 5_000,
  });
  return result.stdout.includes("migstorm: cannot mount");
}
