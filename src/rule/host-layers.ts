import type { ConfigPart } from '../formats/reader.ts';
import type { Chain } from './ruleset.ts';

/**
 * The layer of the host that each file's chains belong to. What one program holds is one layer, however many files it was
 * saved to: iptables of one backend (`iptables-save -t raw` and `-t filter` print what `iptables-save` prints at once), and
 * all tables of nftables (`nft list table …`). Clouds name their layers themselves.
 *
 * A dump that does not say of which backend it is belongs to the only one that others name, unless both have a table of one
 * name: then they are two.
 *
 * @returns the layer in a part's place for each of them; undefined: what the chains say
 */
export function hostLayers(parts: readonly ConfigPart[]): (part: ConfigPart) => string | undefined {
  const dumps = parts.filter(({ format }) => isDump(format));
  const backends = [...new Set(dumps.flatMap(({ backend }) => backend ?? []))];
  const [unsaid, said] = [dumps.filter(isUnsaid), dumps.filter((dump) => !isUnsaid(dump))];
  const named = new Set(said.flatMap(tables));
  const isTwice = unsaid.flatMap(tables).some((table) => named.has(table));
  const other = backends.length === 1 && !isTwice ? backends[0] : undefined;
  return ({ format, backend }) => {
    if (isDump(format)) return `iptables ${backend ?? other ?? ''}`.trimEnd();
    return format === 'nft' || format === 'nft-json' ? 'nftables' : undefined;
  };
}

const isDump = (format: ConfigPart['format']): boolean =>
  format === 'iptables-save' || format === 'ip6tables-save';

const isUnsaid = ({ backend }: ConfigPart): boolean => backend === undefined;

const tables = ({ chains }: ConfigPart): string[] =>
  chains.map(({ families, table }: Chain) => `${families.join()} ${table}`);
