/**
 * Scripts of `counters.ts`. `$1` is the name of what is ours. To count: `$2` and `$3` are the peers' addresses of IPv4
 * and IPv6, `any`, or nothing; each further argument is a rule: ports, ports of the other end, name.
 *
 * In the table `mangle`, whose INPUT comes before that of `filter`: there a rule that somebody puts in front later, such as
 * the one that opens the migration ports, would let packets through uncounted.
 */
const TOOLS = `set -u
for tool in iptables ip6tables; do
  if [ "$tool" = ip6tables ]; then
    [ -e /proc/net/if_inet6 ] && command -v ip6tables >/dev/null || continue
  fi`;

/** The whole chain is there before anything is sent through it, and it stands first. */
export const COUNT_IPTABLES = `name=$1 four=$2 six=$3
shift 3
${TOOLS}
  peers=$four all=0.0.0.0/0
  [ "$tool" = iptables ] || peers=$six all=::/0
  [ -n "$peers" ] || continue
  [ "$peers" != any ] || peers=$all
  for way in in out; do
    "$tool" -w 10 -t mangle -N "$name-$way" || exit 1
    for rule in "$@"; do
      ports=\${rule%%,*} rest=\${rule#*,}
      other=\${rest%%,*} group=\${rest#*,}
      "$tool" -w 10 -t mangle -A "$name-$way" -p tcp --dport "$ports" --sport "$other" -m comment --comment "$group/to" -j RETURN || exit 1
      "$tool" -w 10 -t mangle -A "$name-$way" -p tcp --sport "$ports" --dport "$other" -m comment --comment "$group/from" -j RETURN || exit 1
    done
  done
  "$tool" -w 10 -t mangle -I INPUT -p tcp -s "$peers" -j "$name-in" || exit 1
  "$tool" -w 10 -t mangle -I OUTPUT -p tcp -d "$peers" -j "$name-out" || exit 1
done`;

/** What leads into the chains goes first: a chain that is used cannot be deleted. */
export const FORGET_IPTABLES = `name=$1
${TOOLS}
  rules=$("$tool" -w 10 -t mangle -S) || exit 1
  printf '%s\\n' "$rules" | grep -E -e " -j $name-(in|out)\\$" | while read -r _ parent rule; do
    "$tool" -w 10 -t mangle -D "$parent" $rule || exit 1
  done || exit 1
  for chain in "$name-in" "$name-out"; do
    printf '%s\\n' "$rules" | grep -qxF -e "-N $chain" || continue
    "$tool" -w 10 -t mangle -F "$chain" && "$tool" -w 10 -t mangle -X "$chain" || exit 1
  done
done`;

/** A family that none of the peers is of has no chains. */
export const READ_IPTABLES = `name=$1
${TOOLS}
  for way in in out; do
    echo "== $way"
    "$tool" -w 10 -t mangle -v -S "$name-$way" 2>/dev/null
  done
done
exit 0`;

export const COUNT_NFT = `set -u
name=$1 four=$2 six=$3
shift 3
nft add table inet "$name" || exit 1
for way in in out; do
  hook=input from=saddr
  [ "$way" = in ] || hook=output from=daddr
  nft add chain inet "$name" "$way-count" || exit 1
  for rule in "$@"; do
    ports=\${rule%%,*} rest=\${rule#*,}
    other=\${rest%%,*} group=\${rest#*,}
    nft add rule inet "$name" "$way-count" tcp dport "$ports" tcp sport "$other" counter return comment "\\"$group/to\\"" || exit 1
    nft add rule inet "$name" "$way-count" tcp sport "$ports" tcp dport "$other" counter return comment "\\"$group/from\\"" || exit 1
  done
  nft add chain inet "$name" "$way" "{ type filter hook $hook priority -300 ; policy accept ; }" || exit 1
  if [ "$four" = any ]; then
    nft add rule inet "$name" "$way" meta l4proto tcp jump "$way-count" || exit 1
    continue
  fi
  [ -z "$four" ] || nft add rule inet "$name" "$way" ip "$from" "{ $four }" meta l4proto tcp jump "$way-count" || exit 1
  [ -z "$six" ] || nft add rule inet "$name" "$way" ip6 "$from" "{ $six }" meta l4proto tcp jump "$way-count" || exit 1
done`;

export const FORGET_NFT = `set -u
tables=$(nft list tables) || exit 1
printf '%s\\n' "$tables" | grep -qxF -e "table inet $1" || exit 0
nft delete table inet "$1"`;

export const READ_NFT = `nft list table inet "$1"`;
