/** Part of a script: prints the rules of the firewall kind in `$2`, with as few counters as the tool allows. */
export const LIST_RULES = `case "$2" in
  iptables)
    iptables-save || exit 1
    if [ -e /proc/net/if_inet6 ] && command -v ip6tables-save >/dev/null; then ip6tables-save || exit 1; fi ;;
  nftables) nft -s list ruleset || exit 1 ;;
  firewalld) firewall-cmd --list-all-zones || exit 1 ;;
esac`;

/** Rules as lines that can be compared: comments and counters are out, their order counts. */
export const normalRules = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) =>
      line
        .replace(/\[\d+:\d+\]/g, "")
        .replace(/\bcounter packets \d+ bytes \d+/g, "counter")
        .trimEnd(),
    );
