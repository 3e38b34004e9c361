export interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/**
 * The chains that packets for this host itself pass, from `nft list chains`. All of them have to let a packet through:
 * an `accept` ends only the chain it stands in. Fixture: `nft-1.0.6/list-chains.txt`.
 */
export function inputChains(text: string): NftChain[] {
  const found: NftChain[] = [];
  let table: Omit<NftChain, "chain"> | undefined;
  let chain: string | undefined;
  for (const line of text.split("\n")) {
    const head = /^table (ip|ip6|inet) (\S+) \{/.exec(line);
    if (/^table /.test(line)) table = head?.[1] && head[2] ? { family: head[1], table: head[2] } : undefined;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    if (table && chain && /^\t\ttype filter hook input /.test(line)) found.push({ ...table, chain });
  }
  return found;
}
