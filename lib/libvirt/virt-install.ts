import { diskTarget, type GuestDisk, type GuestSpec, machineOf } from "./guest-spec.js";

/**
 * Arguments that make `virt-install --import` print the definition of a guest. It prints instead of installing because
 * with its own waiting it took 13 s a guest where the printing takes a fifth of a second; what defines and starts the
 * guest is the same script either way.
 */
export function virtInstallArgs(guest: GuestSpec, connectUri: string): string[] {
  const machine = machineOf(guest);
  return [
    ...["--connect", connectUri, "--import", "--print-xml", "--name", guest.name],
    ...["--memory", String(guest.memoryMiB), "--vcpus", String(guest.vcpus)],
    ...["--virt-type", guest.virtType, "--arch", guest.arch],
    ...(machine === undefined ? [] : ["--machine", machine]),
    ...(guest.virtType === "kvm" ? ["--cpu", guest.arch === "x86_64" ? "host-model" : "host-passthrough"] : []),
    ...["--osinfo", guest.osinfo ?? "detect=off,require=off"],
    ...bootArgs(guest),
    ...["--disk", guest.disk === undefined ? "none" : diskOption(guest.disk)],
    ...["--network", `bridge=${guest.bridge},mac=${guest.mac},model=virtio`],
    ...["--graphics", "none", "--controller", "usb,model=none", "--memballoon", "none", "--noautoconsole"],
    ...["--rng", "/dev/urandom", "--events", "on_crash=preserve"],
  ];
}

function bootArgs({ kernel, initrd, cmdline }: GuestSpec): string[] {
  if (kernel === undefined) return ["--boot", "hd"];
  const options = [
    `kernel=${value(kernel)}`,
    ...(initrd === undefined ? [] : [`initrd=${value(initrd)}`]),
    ...(cmdline === undefined ? [] : [`kernel_args=${value(cmdline)}`]),
  ];
  return ["--boot", options.join(",")];
}

function diskOption({ source, format, bus, cache }: GuestDisk): string {
  const place =
    source.kind === "file"
      ? `path=${value(source.path)}`
      : [`source.protocol=nfs,source.name=${value(source.path)},source.host0.name=${value(source.server)}`].join();
  return `${place},driver.type=${format},bus=${bus},cache=${cache},target=${diskTarget(bus)}`;
}

/** virt-install splits its options at commas; a doubled one stands for itself. */
const value = (text: string): string => text.replaceAll(",", ",,");
