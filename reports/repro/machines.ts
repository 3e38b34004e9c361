import type { Host, Image, Inventory } from "../../lib/model/inventory.js";
import type { PlannedGuest } from "../../lib/model/plan.js";
import { posixWord } from "./posix-line.js";

/** Where a case ran, as far as a script has to know it. */
export interface Places {
  readonly inventory: Inventory;
  readonly guests: readonly PlannedGuest[];
}

/** How a machine is reached by ssh; without an address: the one that the script runs on. */
export interface Way {
  readonly name: string;
  /** Begin of its variables in the script. */
  readonly variable: string;
  readonly sudo: boolean;
  readonly ssh?: {
    readonly address: string;
    readonly port: number;
    readonly user: string;
    readonly key?: string;
    readonly knownHosts?: string;
    readonly passwordEnv?: string;
    readonly needsAgent: boolean;
    /** As `ssh-keygen -lf` prints it; `SHA256:`: whatever it shows. */
    readonly fingerprint?: string;
    /** A guest: behind the machine that looks on, and there only once it has booted. */
    readonly isGuest: boolean;
  };
}

/** Ways to the machines of these names, guests among them. Names that nobody knows are left out. */
export function waysTo(names: readonly string[], places: Places): Way[] {
  const taken = new Map<string, string>();
  return names.flatMap((name) => wayTo(name, variableFor(name, taken), places) ?? []);
}

function wayTo(name: string, variable: string, { inventory, guests }: Places): Way | undefined {
  const { hosts, observer, storage, images } = inventory;
  const machines = [...hosts, ...(storage.kind === "nfs" ? [storage.machine] : []), ...(observer ? [observer] : [])];
  const machine = machines.find((known) => known.name === name);
  if (machine !== undefined) {
    const isHere = "local" in machine && machine.local;
    const way = { name, variable, sudo: machine.become === "sudo" };
    return isHere ? way : { ...way, ssh: sshOf(machine, machine.address ?? name) };
  }
  const guest = guests.find((known) => known.name === name);
  const login = images[guest?.image ?? ""]?.login;
  if (guest !== undefined && login !== undefined) return guestWay(variable, guest, login);
  return observer === undefined && name === "runner" ? { name, variable, sudo: false } : undefined;
}

function guestWay(variable: string, { name, address = "" }: PlannedGuest, login: Image["login"]): Way {
  const fingerprint = login.hostKey === "first-use" ? "SHA256:" : login.hostKey;
  const ssh = { ...sshOf(login, address.split("/")[0] ?? ""), fingerprint, isGuest: true };
  return { name, variable, sudo: login.become === "sudo", ssh };
}

type Login = Pick<Host, "port" | "user" | "identityFile" | "passphraseEnv" | "passwordEnv" | "agent"> & {
  readonly hostKey?: string | undefined;
  readonly knownHosts?: string | undefined;
};

const sshOf = (login: Login, address: string): NonNullable<Way["ssh"]> => ({
  address,
  port: login.port,
  user: login.user,
  ...(login.identityFile === undefined ? {} : { key: login.identityFile }),
  ...(login.knownHosts === undefined ? {} : { knownHosts: login.knownHosts }),
  ...(login.passwordEnv === undefined ? {} : { passwordEnv: login.passwordEnv }),
  ...(login.hostKey === undefined ? {} : { fingerprint: login.hostKey }),
  needsAgent: login.agent || login.passphraseEnv !== undefined,
  isGuest: false,
});

function variableFor(name: string, taken: Map<string, string>): string {
  const plain = name.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  let variable = /^\d/.test(plain) ? `M_${plain}` : plain;
  while ((taken.get(variable) ?? name) !== name) variable += "_";
  taken.set(variable, name);
  return variable;
}

/** The variables at the top of a script, and the functions that reach the machines by them. */
export function reachText(ways: readonly Way[], places: Places): string {
  const looksOn = ways.find(({ name }) => name === places.inventory.observer?.name);
  const hasGuests = ways.some(({ ssh }) => ssh?.isGuest === true);
  return [
    ...ways.flatMap(variablesOf),
    "",
    "state=$(mktemp -d) || exit 2",
    `trap 'rm -rf "$state"' EXIT`,
    "known=$state/known_hosts",
    ...ways.flatMap(knowledgeOf),
    "",
    FUNCTIONS,
    ...(hasGuests ? guestFunctions(looksOn) : []),
    "# on MACHINE COMMAND: runs a command there, with its arguments as they are",
    "on() {",
    "  machine=$1",
    "  shift",
    '  line=$(quoted env LC_ALL=C "$@")',
    '  case "$machine" in',
    ...ways.map(branchOf),
    '  *) printf "%s is not in the inventory\\n" "$machine" >&2; return 2 ;;',
    "  esac",
    "}",
    ...ways.flatMap(({ variable, ssh }) =>
      ssh?.fingerprint === undefined || ssh.isGuest
        ? []
        : [
            `ssh-keyscan -T 10 -p "$${variable}_PORT" "$${variable}_ADDRESS" >"$state/keys" 2>/dev/null`,
            `trust ${posixWord(ssh.fingerprint)}`,
          ],
    ),
  ].join("\n");
}

/** Guests are reached through the machine that looks on, where there is one. */
const guestFunctions = (looksOn: Way | undefined): string[] => [
  "to_guest() {",
  ...(looksOn?.ssh === undefined ? ['  to "$@"'] : [`  via="${throughText(looksOn)}"`, ...CALL_AND_FORGET]),
  "}",
  "scan_guest() {",
  `  ${looksOn === undefined ? "" : `on ${posixWord(looksOn.name)} `}ssh-keyscan -T 5 -p "$2" "$1" </dev/null 2>/dev/null`,
  "}",
];

const throughText = ({ variable: v }: Way): string =>
  `ssh -o BatchMode=yes -o UserKnownHostsFile=$known \${${v}_KEY:+-i $${v}_KEY} -p $${v}_PORT -W %h:%p $${v}_USER@$${v}_ADDRESS`;

const CALL_AND_FORGET = ['  to "$@"', "  set -- $?", "  via=", '  return "$1"'];

function variablesOf({ name, variable, ssh }: Way): string[] {
  if (ssh === undefined) return [`# ${name}: this machine`];
  const value = (key: string, text: string): string => `${variable}_${key}=\${${variable}_${key}:-${text}}`;
  return [
    `# ${name}${ssh.needsAgent ? ": its key has to be in the ssh agent (ssh-add)" : ""}`,
    value("ADDRESS", ssh.address),
    value("PORT", String(ssh.port)),
    value("USER", ssh.user),
    // A path may have any character, and a default is not quoted by itself.
    ssh.key === undefined ? value("KEY", "") : `${variable}_KEY=\${${variable}_KEY:-${inDefault(ssh.key)}}`,
    ...(ssh.passwordEnv === undefined
      ? []
      : [`: "\${${ssh.passwordEnv}:?has to hold the password for ${name}; sshpass is needed too}"`]),
  ];
}

const inDefault = (text: string): string => `"${text.replace(/["$`\\]/g, "\\$&")}"`;

const knowledgeOf = ({ ssh }: Way): string[] =>
  ssh === undefined || ssh.fingerprint !== undefined
    ? []
    : [
        `cat ${ssh.knownHosts === undefined ? '"$HOME/.ssh/known_hosts"' : posixWord(ssh.knownHosts)} >>"$known" 2>/dev/null`,
      ];

function branchOf({ name, variable, sudo, ssh }: Way): string {
  const line = sudo ? '"sudo -n -- $line"' : '"$line"';
  if (ssh === undefined) return `  ${posixWord(name)}) sh -c ${line} ;;`;
  const login = ["USER", "ADDRESS", "PORT", "KEY"].map((key) => `"$${variable}_${key}"`).join(" ");
  const password = ssh.passwordEnv === undefined ? "''" : `"$${ssh.passwordEnv}"`;
  return `  ${posixWord(name)}) ${ssh.isGuest ? "to_guest" : "to"} ${login} ${password} ${line} ;;`;
}

const FUNCTIONS = `via=
# quoted ARGUMENTS: a line that a shell reads back as exactly these
quoted() {
  for word; do
    word=$(printf '%s.' "$word" | sed "s/'/'\\\\\\\\''/g")
    printf "'%s' " "\${word%.}"
  done
}
# to USER ADDRESS PORT KEY PASSWORD LINE
to() {
  set -- "$6" "$5" -o ConnectTimeout=10 -o "UserKnownHostsFile=$known" \${4:+-o IdentitiesOnly=yes -i "$4"} \\
    \${via:+-o "ProxyCommand=$via"} -p "$3" "$1@$2"
  line=$1 password=$2
  shift 2
  if [ -n "$password" ]; then SSHPASS=$password sshpass -e ssh "$@" "$line"
  else ssh -o BatchMode=yes "$@" "$line"; fi
}
# trust FINGERPRINT: of the keys that were read, the one that has it
trust() {
  while read -r key; do
    case "$(printf '%s\\n' "$key" | ssh-keygen -lf - 2>/dev/null)" in
    *" $1"*) printf '%s\\n' "$key" >>"$known" ;;
    esac
  done <"$state/keys"
}`;
