/**
 * Part of a script: prints the rules of the firewall kind in `$2`, with as few counters as the tool allows. Lines of the
 * two xtables begin with their family.
 */
export const LIST_RULES = `case "$2" in
  iptables)
    rules=$(iptables-save) || exit 1
    printf '%s\\n' "$rules" | sed 's/^/ip4 /'
    if [ -e /proc/net/if_inet6 ] && command -v ip6tables-save >/dev/null; then
      rules=$(ip6tables-save) || exit 1
      printf '%s\\n' "$rules" | sed 's/^/ip6 /'
    fi ;;
  nftables) nft -s list ruleset || exit 1 ;;
  firewalld) firewall-cmd --list-all-zones || exit 1 ;;
esac`;

/** What iptables-save prints of a table in which nobody has done anything; such a table appears as soon as one looks. */
const UNTOUCHED = /^ip[46] (?:$|#|COMMIT$|\*|:\S+ ACCEPT\b)/;

/**
 * Rules as lines that can be compared: comments, counters and untouched tables are out, each rule of xtables begins with
 * its family and table, the order stays.
 */
export function normalRules(lines: readonly string[]): string[] {
  let table = "";
  const rules: string[] = [];
  for (const line of lines) {
    table = /^ip[46] \*(\w+)/.exec(line)?.[1] ?? table;
    if (line.trim() === "" || line.startsWith("#") || UNTOUCHED.test(line)) continue;
    const bare = line
      .replace(/\s*\[\d+:\d+\]/g, "")
      .replace(/\bcounter packets \d+ bytes \d+/g, "counter")
      .trimEnd();
    rules.push(bare.replace(/^(ip[46]) /, `$1 ${table} `));
  }
  return rules;
}
