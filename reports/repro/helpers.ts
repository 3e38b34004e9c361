/** Functions of `repro.sh` beside those that reach the machines. */
export const HELPERS = `give_up() {
  printf '%s\\nThis cannot be done again; undo.sh takes back what was done.\\n' "$1" >&2
  exit 2
}
# free MACHINE: nobody else may be at work there
free() {
  on "$1" test ! -e /run/migstorm/owner </dev/null || give_up "$1 cannot be reached, or a job holds its lock"
}
# change EXIT_CODE MACHINE COMMAND: has to end with that code
change() {
  expected=$1
  shift
  on "$@"
  code=$?
  [ "$code" -eq "$expected" ] || give_up "on $1 this ended with $code, and then with $expected: $*"
}
# migrate NUMBER EXIT_CODE MACHINE COMMAND: is told where it ends with another code
migrate() {
  number=$1 expected=$2
  shift 2
  on "$@"
  code=$?
  printf 'migration %s: ended with %s, then with %s\\n' "$number" "$code" "$expected"
  [ "$code" -eq "$expected" ] || : >"$state/differs"
}
# await GUEST ADDRESS PORT FINGERPRINT SECONDS: until one can log in to it
await() {
  [ -n "$2" ] || give_up "nobody knows the address of $1: set its variable at the top"
  until scan_guest "$2" "$3" >"$state/keys" && trust "$4" && on "$1" true </dev/null 2>/dev/null; do
    [ "$(($(date +%s) - begun))" -lt "$5" ] || give_up "$1 does not come up"
    sleep 1
  done
}
# discover HOST URI GUEST MAC SECONDS: its address, as libvirt knows it
discover() {
  begun=$(date +%s)
  while [ "$(($(date +%s) - begun))" -lt "$5" ]; do
    for source in lease agent arp; do
      found=$(on "$1" virsh -c "$2" domifaddr --source "$source" --domain "$3" </dev/null 2>/dev/null |
        awk -v mac="$4" 'tolower($2) == tolower(mac) && $3 == "ipv4" { sub("/.*", "", $4); print $4; exit }')
      [ -z "$found" ] || { printf '%s\\n' "$found"; return; }
    done
    sleep 1
  done
}
begun=$(date +%s)`;

export const END = `if [ -e "$state/differs" ]; then
  echo "a migration ended otherwise than then"
  exit 1
fi
echo "every command ended as it did then"`;
