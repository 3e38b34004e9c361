/** Both tools wait for the lock of xtables. A host without IPv6 has no IPv6 rules to make. */
const EACH_TOOL = `set -u
for tool in iptables ip6tables; do
  if [ "$tool" = ip6tables ]; then
    [ -e /proc/net/if_inet6 ] && command -v ip6tables >/dev/null || continue
  fi`;

/**
 * Scripts that put a rule before all others of INPUT, once, and that take it away, however often it is there.
 * @param rule what follows the chain, up to the target; constant text, with the comment as `$1`
 * @param target e.g. `ACCEPT`
 */
export const iptablesRule = (rule: string, target: string) => {
  const whole = `INPUT ${rule} -m comment --comment "$1" -j ${target}`;
  return {
    make: `${EACH_TOOL}
  "$tool" -w 10 -C ${whole} 2>/dev/null || "$tool" -w 10 -I ${whole} || exit 1
done`,
    takeAway: `${EACH_TOOL}
  while
    rules=$("$tool" -w 10 -S INPUT) || exit 1
    printf '%s\\n' "$rules" | grep -qF -e "--comment $1 " -e "--comment \\"$1\\" "
  do
    "$tool" -w 10 -D ${whole} || exit 1
  done
done`,
  };
};
