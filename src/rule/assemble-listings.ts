import { groupBy } from '../text/group-by.ts';
import type { ConfigPart } from '../formats/reader.ts';
import { formatPlace } from '../text/source.ts';
import { isWithin } from './assemble-layers.ts';
import type { Chain, CoverageEntry } from './ruleset.ts';
import { tableDifference } from './same-table.ts';

/**
 * What tells a table from others of the host: in nft each family has names of its own (`nft(8)`, TABLES), so that `netdev filter`
 * and `inet filter` are two, whose chains both see both families' packets. A chain's id names the family.
 */
export function tableKey({ format, backend }: ConfigPart, { id, layer, families, table }: Chain): string {
  if (isListing(format)) return ['nft', id.slice(layer.length).trimStart().split(' ')[0], table].join(' ');
  const program = format.endsWith('tables-save') ? 'iptables' : format;
  return [program, backend ?? '', families.join(), table].join(' ');
}

/**
 * A listing in text and one in JSON of the same ruleset are one layer, read from the text: its lines are what people know. A table
 * that says something else in each stays in both, which is an error: they are of two times.
 */
export function oneListing(parts: readonly ConfigPart[]): readonly ConfigPart[] {
  const texts = parts.filter(({ format }) => format === 'nft');
  if (texts.length === 0) return parts;
  return parts.map((part) => (part.format === 'nft-json' ? texts.reduce(withoutTables, part) : part));
}

function withoutTables(json: ConfigPart, text: ConfigPart): ConfigPart {
  const [written, given] = [byTable(text), byTable(json)];
  const gone = new Set<Chain>();
  const tables: string[] = [];
  const told: CoverageEntry[] = [];
  for (const [key, chains] of given) {
    const same = written.get(key) ?? [];
    const [own] = same;
    const [first] = chains;
    if (own === undefined || first === undefined) continue;
    if (tableDifference(same, chains) !== undefined) continue;
    for (const chain of chains) gone.add(chain);
    const word = tableWord(key);
    tables.push(word);
    const reason = `the table \`${word}\` is given as text too, and is read from there (${formatPlace(own.origin)})`;
    told.push({ span: first.origin, status: 'ignored', reason });
  }
  const isOf = (words: readonly string[], name: string): boolean =>
    words.some((table) => name.startsWith(`${table} `));
  // A table may have sets alone.
  const chained = [...given.keys()].map(tableWord);
  const listed = new Set(text.sets.map(({ name }) => name));
  const sets = json.sets.filter(
    ({ name }) => !isOf(tables, name) && (isOf(chained, name) || !listed.has(name)),
  );
  if (gone.size === 0 && sets.length === json.sets.length) return json;
  const spans = [...gone].flatMap(({ origin, rules }) => [origin, ...rules.map((rule) => rule.origin)]);
  const rest = json.coverage.filter(({ span }) => !spans.some((one) => isWithin(span, one)));
  const coverage = [...rest, ...told];
  return { ...json, chains: json.chains.filter((chain) => !gone.has(chain)), sets, coverage };
}

/** What the names of a table's sets begin with. */
const tableWord = (key: string): string => key.slice(key.indexOf(' ') + 1);

function byTable(part: ConfigPart): ReadonlyMap<string, readonly Chain[]> {
  return groupBy(part.chains, (chain) => tableKey(part, chain));
}

function isListing(format: ConfigPart['format']): boolean {
  return format === 'nft' || format === 'nft-json';
}
