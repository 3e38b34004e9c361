import type { Remote, Running } from "../transport/transport.js";

/** The last of libvirt's range: libvirt gives the first ones away first. */
export const PROBED_PORT = 49_215;

/**
 * Listens on one port of the migration range until it is stopped, its connection ends, or five seconds are over: whether
 * the range is open is seen from outside only while somebody listens. Whatever the host has of Python and Perl does it.
 */
const LISTEN = `port=$1
if command -v python3 >/dev/null; then
  exec timeout 5 python3 -c 'import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", int(sys.argv[1])))
s.listen(16)
print("listening", flush=True)
time.sleep(5)' "$port"
elif command -v perl >/dev/null; then
  exec timeout 5 perl -e 'use IO::Socket::INET; $| = 1;
my $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1) or die; print "listening\\n"; sleep 5' "$port"
fi`;

/** @returns undefined when nothing there can listen, or the port is taken */
export async function listenOnMigrationPort(remote: Remote): Promise<Running | undefined> {
  let heard = (): void => undefined;
  const listening = new Promise<boolean>((resolve) => {
    heard = () => resolve(true);
  });
  const running = await remote.start({ file: "sh", args: ["-c", LISTEN, "sh", String(PROBED_PORT)] }, (line) => {
    if (line === "listening") heard();
  });
  return (await Promise.race([listening, running.ended.then(() => false)])) ? running : undefined;
}
