import type { Run } from "../transport/transport.js";
import { askSections } from "./sections.js";
import { AS_ROOT } from "./survey-script.js";

/** What one host is to find out about another. */
export interface PeerQuestions {
  readonly become: "none" | "sudo";
  readonly peerUri: string;
  /** Name or address to which memory is sent. */
  readonly migrationAddress: string;
  /** Names that have to resolve. */
  readonly names: readonly string[];
  /** Port on which the other one listens just now; absent: it does not. */
  readonly port?: number;
}

/** How one host sees another. Absent: it could not be asked. */
export interface PeerView {
  readonly unknownNames: readonly string[];
  /** What virsh said when the other one's libvirt did not answer; empty when it did. */
  readonly libvirtSaid?: string;
  readonly answersPing?: boolean;
  /** Interface to the migration address, its MTU, and whether a packet of that size came back. */
  readonly way?: { readonly link: string; readonly mtu: number };
  readonly largestPasses?: boolean;
  readonly portIsOpen?: boolean;
}

/**
 * The parts run beside each other: none of them waits for one that gets no answer. Each prints whole lines, so they do not
 * mix. A peer URI of ssh cannot be tried, because the key for it is made by the job itself.
 */
const LOOK = `set -u
peer=$1 address=$2 port=$3
shift 3
echo "== view"
for name in "$@"; do
  { timeout 2 getent ahosts "$name" >/dev/null || echo "unknown $name"; } &
done
case $peer in
  *+ssh://*) ;;
  *) { said=$(timeout 2 virsh -q -c "$peer" hostname 2>&1 >/dev/null) && echo "libvirt" || echo "libvirt no answer: $(printf %s "$said" | tail -n1)"; } & ;;
esac
{
  to=$(timeout 2 getent ahosts "$address" | awk 'NR == 1 { print $1 }')
  [ -n "$to" ] || exit 0
  link=$(ip -o route get "$to" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\) .*/\\1/p')
  mtu=$(cat "/sys/class/net/$link/mtu" 2>/dev/null)
  [ -z "$mtu" ] || echo "way $mtu $link"
  case $to in *:*) head=48 ;; *) head=28 ;; esac
  timeout 1.2 ping -n -c 2 -i 0.2 -W 1 "$to" >/dev/null 2>&1 && echo "ping yes" || echo "ping no"
  [ -z "$mtu" ] || { timeout 1 ping -n -M do -s $((mtu - head)) -c 2 -i 0.2 -W 1 "$to" >/dev/null 2>&1 && echo "large yes" || echo "large no"; }
} &
if [ -n "$port" ] && command -v bash >/dev/null; then
  { timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$address" "$port" 2>/dev/null && echo "port yes" || echo "port no"; } &
fi
wait
echo "== end"`;

/**
 * Asks one host how it sees another, in one command that changes nothing.
 * @throws HarnessError `command-failed`, `deadline`, `unreachable`
 */
export async function viewOfPeer(run: Run, questions: PeerQuestions, timeoutMs: number): Promise<PeerView> {
  const { become, peerUri, migrationAddress, names, port } = questions;
  const args = [become, LOOK, peerUri, migrationAddress, port === undefined ? "" : String(port), ...names];
  const found = await askSections(run, { script: AS_ROOT, args, timeoutMs }, "cannot look at the other hosts");
  return parseView(found.get("view") ?? []);
}

/** Total: whatever the host printed. */
export function parseView(lines: readonly string[]): PeerView {
  const said = (word: string): string | undefined => {
    const line = lines.find((one) => one === word || one.startsWith(`${word} `));
    return line?.slice(word.length).trim();
  };
  const yes = (word: string): boolean | undefined => (said(word) === undefined ? undefined : said(word) === "yes");
  const libvirt = said("libvirt");
  const [, mtu, link] = /^(\d{2,6}) ([\w.@:-]{1,15})$/.exec(said("way") ?? "") ?? [];
  const [ping, large, port] = [yes("ping"), yes("large"), yes("port")];
  return {
    unknownNames: lines.flatMap((line) => /^unknown (\S+)$/.exec(line)?.[1] ?? []),
    ...(libvirt === undefined
      ? {}
      : {
          libvirtSaid:
            libvirt === "no answer:" ? "no answer within 2 s" : libvirt.replace(/^no answer: (error: )?/, ""),
        }),
    ...(ping === undefined ? {} : { answersPing: ping }),
    ...(link === undefined ? {} : { way: { link, mtu: Number(mtu) } }),
    ...(large === undefined ? {} : { largestPasses: large }),
    ...(port === undefined ? {} : { portIsOpen: port }),
  };
}
