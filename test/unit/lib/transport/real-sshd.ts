import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fingerprintOf } from "../../../../lib/transport/host-key.js";
import type { SshEdges, SshLogin } from "../../../../lib/transport/ssh.js";

/** An OpenSSH server of our own on loopback, with its own keys. */
export interface RealSshd {
  readonly folder: string;
  readonly login: SshLogin;
  readonly edges: SshEdges;
  readonly hostKeyLine: string;
  readonly stop: () => void;
}

const SSHD = "/usr/sbin/sshd";

export async function startSshd(options: readonly string[] = []): Promise<RealSshd> {
  const folder = mkdtempSync(join(tmpdir(), "migstorm-sshd-"));
  for (const name of ["host_key", "id"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
  const port = await freePort();
  // Where sshd drops its privileges to; the service makes it, and without the service nobody does.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  chmodSync(folder, 0o755);
  writeFileSync(
    join(folder, "conf"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${folder}/host_key`,
      `AuthorizedKeysFile ${folder}/id.pub`,
      `PidFile ${folder}/pid`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      // Otherwise bash reads the start-up file of whoever runs the tests, for every command.
      "SetEnv SHLVL=1",
      ...options,
      "",
    ].join("\n"),
  );
  const sshd = spawn(SSHD, ["-D", "-e", "-f", join(folder, "conf")], { stdio: ["ignore", "ignore", "pipe"] });
  await listening(sshd);
  const hostKeyLine = readFileSync(join(folder, "host_key.pub"), "utf8");
  const hostKey = fingerprintOf(Buffer.from(hostKeyLine.split(" ")[1] ?? "", "base64"));
  return {
    folder,
    login: {
      name: "h1",
      address: "127.0.0.1",
      port,
      user: userInfo().username,
      identityFile: join(folder, "id"),
      hostKey,
      become: "none",
    },
    edges: { secret: () => undefined },
    hostKeyLine,
    stop: () => {
      sshd.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const listening = (sshd: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = "";
    sshd.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("listening on")) resolve();
    });
    sshd.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
  });

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
