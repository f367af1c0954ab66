import type { ConfigPart } from '../formats/reader.ts';
import type { Span } from '../text/source.ts';
import { formatPlace } from '../text/source.ts';
import { type Condition, negate } from './condition.ts';
import type { Chain, CoverageEntry, Rule } from './ruleset.ts';
import { tableDifference } from './same-table.ts';

/** The chains that iptables has by itself, of any table. */
const BUILT_IN: readonly string[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

interface Table {
  readonly name: string;
  readonly family: 4 | 6;
}

/**
 * The tables of iptables-nft stand in an nft listing too. Where the dump of such a table is given as well, both are one
 * layer, and it is read from the dump: the listing cannot print all that iptables says. A dump of iptables-legacy is a
 * layer of its own; a dump that does not say of which it is (no header) is taken for the listing's where the table's
 * base chains have iptables' names and nothing tells the two tables apart. Where something does, they may be two layers or one table at
 * two times: what only one of the two lets through is possible.
 *
 * @returns the parts, the listings without such tables, with a line in the coverage for each
 */
export function oneLayer(parts: readonly ConfigPart[]): readonly ConfigPart[] {
  const dumps = parts.filter(({ format }) => format === 'iptables-save' || format === 'ip6tables-save');
  if (dumps.length === 0) return parts;
  const doubtful = new Set<ConfigPart>();
  const layers = parts.map((part) => {
    if (part.format !== 'nft' && part.format !== 'nft-json') return part;
    let rest = part;
    for (const table of tablesOf(part)) {
      const dump = dumps.find((one) => isSame(one, part, table));
      if (dump === undefined) continue;
      const difference = dump.backend === undefined ? differenceOf(dump, part, table) : undefined;
      rest = difference === undefined ? without(rest, table, dump) : perhaps(rest, table, dump, difference);
      if (difference !== undefined) doubtful.add(part);
    }
    return rest;
  });
  // What is there for sure is named before what may be: the last of equal chains runs first.
  const isDoubtful = (i: number): boolean => doubtful.has(parts[i] as ConfigPart);
  return [...layers.filter((_, i) => isDoubtful(i)), ...layers.filter((_, i) => !isDoubtful(i))];
}

/** The tables of one family; iptables has no mixed ones. */
function tablesOf({ chains }: ConfigPart): readonly Table[] {
  const found = new Map<string, Table>();
  for (const { table, families } of chains) {
    const [family] = families;
    if (families.length === 1 && family !== undefined)
      found.set(`${family} ${table}`, { name: table, family });
  }
  return [...found.values()];
}

function isOf(chain: Chain, { name, family }: Table): boolean {
  return chain.table === name && chain.families.length === 1 && chain.families[0] === family;
}

function isSame(dump: ConfigPart, listing: ConfigPart, table: Table): boolean {
  if (dump.backend === 'legacy' || !dump.chains.some((chain) => isOf(chain, table))) return false;
  if (dump.backend === 'nf_tables') return true;
  const bases = listing.chains.filter((chain) => isOf(chain, table) && chain.base !== undefined);
  return bases.every(({ name }) => BUILT_IN.includes(name));
}

function differenceOf(dump: ConfigPart, listing: ConfigPart, table: Table): string | undefined {
  const [ours, theirs] = [dump, listing].map(({ chains }) => chains.filter((chain) => isOf(chain, table)));
  return tableDifference(ours ?? [], theirs ?? []);
}

/** The listing with a table that packets pass only if it is another than the dump's: nobody said so. */
function perhaps(listing: ConfigPart, table: Table, dump: ConfigPart, difference: string): ConfigPart {
  const word = `${table.family === 4 ? 'ip' : 'ip6'} ${table.name}`;
  const text = `whether the table \`${word}\` of \`${listing.source.path}\` is another than the dump's`;
  const chains = listing.chains.map((chain): Chain => {
    if (!isOf(chain, table) || chain.base === undefined) return chain;
    const isAnother: Condition = { kind: 'opaque', text, stateful: false, span: chain.origin };
    const skip: Rule = {
      match: negate(isAnother),
      actions: [{ kind: 'verdict', verdict: 'accept' }],
      origin: chain.origin,
    };
    return { ...chain, rules: [skip, ...chain.rules] };
  });
  const first = chains.find((chain) => isOf(chain, table))?.origin;
  const own = dump.chains.find((chain) => isOf(chain, table))?.origin;
  if (first === undefined || own === undefined) return listing;
  const entry: CoverageEntry = {
    span: first,
    status: 'approximated',
    reason: `the table \`${word}\` has the name of a table in a dump that does not say whether it is of iptables-legacy (${formatPlace(own)}), and ${difference}: they are two layers, or one table at two times, and what only the dump lets through is possible; give a dump with its header, or both of one time`,
  };
  return { ...listing, chains, coverage: [...listing.coverage, entry] };
}

/**
 * Chains of the table that are not iptables': others may add base chains to its tables, which its dump leaves out with a remark
 * (`iptables/xtables-save.c`: "contains incompatible base-chains"), and what these lead to. iptables knows its own by name and hook
 * (`iptables/nft.c`).
 */
function others(listing: ConfigPart, table: Table, dump: ConfigPart): ReadonlySet<Chain> {
  const all = new Map(listing.chains.filter((chain) => isOf(chain, table)).map((chain) => [chain.id, chain]));
  const own = new Map(dump.chains.filter((chain) => isOf(chain, table)).map((chain) => [chain.name, chain]));
  const isOwn = ({ name, base }: Chain): boolean => {
    const theirs = own.get(name)?.base;
    return theirs !== undefined && base?.hook === theirs.hook;
  };
  const found = new Set<Chain>();
  const waiting = [...all.values()].filter((chain) => chain.base !== undefined && !isOwn(chain));
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    for (const { actions } of chain.rules)
      for (const action of actions)
        if (action.kind === 'jump' || action.kind === 'goto') {
          const next = all.get(action.chain);
          if (next !== undefined) waiting.push(next);
        }
  }
  return found;
}

function without(listing: ConfigPart, table: Table, dump: ConfigPart): ConfigPart {
  const kept = others(listing, table, dump);
  const gone = listing.chains.filter((chain) => isOf(chain, table) && !kept.has(chain));
  const chains = listing.chains.filter((chain) => !gone.includes(chain));
  const spans = gone.flatMap(({ origin, rules }) => [origin, ...rules.map((rule) => rule.origin)]);
  const coverage = listing.coverage.filter(({ span }) => !spans.some((one) => isWithin(span, one)));
  const first = gone[0]?.origin;
  const own = dump.chains.find((chain) => isOf(chain, table))?.origin;
  if (first === undefined || own === undefined) return { ...listing, chains, coverage };
  const word = table.family === 4 ? 'ip' : 'ip6';
  const entry: CoverageEntry = {
    span: first,
    status: 'ignored',
    reason: `the table \`${word} ${table.name}\` is iptables’ own, and is read from its dump (${formatPlace(own)})${kept.size > 0 ? '; other chains in it are read from here' : ''}`,
  };
  return { ...listing, chains, coverage: [...coverage, entry] };
}

/** Whether a place is part of another one. */
export function isWithin(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}
