import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { must, run, say } from "./run.mjs";

/** What lab hosts, the storage machine and the guest image are made of, and what the npm package `pcap` is compiled with. */
const PACKAGES = [
  ...["libvirt-daemon-system", "libvirt-daemon-driver-qemu", "libvirt-clients", "virtinst"],
  ...["qemu-system-x86", "qemu-utils", "qemu-block-extra", "nfs-ganesha", "nfs-ganesha-vfs", "rpcbind"],
  ...["tgt", "openssl"],
  ...[
    "openssh-server",
    "openssh-client",
    "iproute2",
    "iptables",
    "nftables",
    "iputils-ping",
    "fping",
    "tcpdump",
    "iperf3",
  ],
  ...["busybox-static", "dropbear-bin", "stress", "stress-ng", "cpio", "lz4", "kmod", "e2fsprogs", "tini", "procps"],
  ...["libpcap-dev", "g++", "make", "python3"],
  // What only tests look at reports and scripts with.
  ...(process.env.npm_lifecycle_event === "test" ? ["chromium", "shellcheck"] : []),
];

const POLICY = "/usr/sbin/policy-rc.d";
const POLICY_MARK = "# written by the set-up of migstorm, goes away with it";
const APT_ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };

/** Installs the Debian packages that are not there yet; what is there stays as it is. No service is started. */
export function installPackages() {
  allowServices();
  const missing = missingPackages();
  if (missing.length === 0) return `all ${PACKAGES.length} are there`;
  say(`Debian packages: installing ${missing.join(", ")}`);
  forbidServices();
  try {
    // An installation that was interrupted has to be finished before apt does anything else.
    must("dpkg", ["--configure", "-a"], { env: APT_ENVIRONMENT });
    must("apt-get", ["-q", "update"], { env: APT_ENVIRONMENT });
    must("apt-get", ["-q", "-y", "install", "--no-install-recommends", ...missing], { env: APT_ENVIRONMENT });
  } finally {
    allowServices();
  }
  return `installed ${missing.length}`;
}

function missingPackages() {
  const { stdout } = run("dpkg-query", ["-W", "-f", `\${db:Status-Status} \${Package}\n`, ...PACKAGES]);
  const installed = new Set(stdout.split("\n").flatMap((line) => /^installed (\S+)$/.exec(line)?.[1] ?? []));
  return PACKAGES.filter((name) => !installed.has(name));
}

/** Debian asks this script before it starts a service. One that somebody else wrote stays, whatever it answers. */
function forbidServices() {
  if (!existsSync(POLICY)) writeFileSync(POLICY, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 });
}

/** Takes our script away, also that of an earlier set-up which was killed. */
function allowServices() {
  if (existsSync(POLICY) && readFileSync(POLICY, "utf8").includes(POLICY_MARK)) rmSync(POLICY);
}
