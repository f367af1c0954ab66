import type { ChangedSet, ConfigPart } from '../formats/reader.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { formatPlace, type Span } from '../text/source.ts';
import { oneLayer } from './assemble-layers.ts';
import { oneListing, tableKey } from './assemble-listings.ts';
import { SetResolver } from './assemble-sets.ts';
import { throughBridges } from './bridges.ts';
import { hostLayers } from './host-layers.ts';
import type { NamedSet } from './named-set.ts';
import { type IsOrderKnown, registrationOrders } from './registration-order.ts';
import type { Chain, CoverageEntry, HostFacts, Rule, Ruleset } from './ruleset.ts';
import { translatedDestinations } from './translated-destinations.ts';
import { listedVlans } from './vlans.ts';

/** Everything that was given of one host, put together. */
export interface Assembled {
  readonly ruleset: Ruleset;
  /** What the files' readers said, file by file, and then what only showed when they were put together. */
  readonly coverage: readonly CoverageEntry[];
}

/**
 * Puts the files of one host together.
 *
 * - Conditions on sets that were not supplied, or that rules change while packets pass, become opaque, with a line in
 *   the coverage. A condition that gives fewer directions than its set has dimensions never matches (ip_set_test).
 * - What one program holds is one layer, in however many files ({@link hostLayers}).
 * - A table of iptables-nft that is given both as a dump and in an nft listing is one layer ({@link oneLayer}).
 * - A table that is given both in text and in JSON is read from the text ({@link oneListing}).
 * - Chains that hang on a device have the VLANs of it that the host has ({@link listedVlans}).
 * - Chains for bridged packets get their devices ({@link throughBridges}).
 * - Routing drops packets that are translated to where nothing goes ({@link translatedDestinations}).
 * - Base chains of equal priority run in reverse order of registration, where that is known or matters ({@link registrationOrders}).
 *
 * @returns an error where a table, a set or the host's addresses are given twice: one of the two would be wrong
 */
export function assemble(given: readonly ConfigPart[]): Result<Assembled> {
  const parts = oneLayer(oneListing(given));
  const errors: Diagnostic[] = [...doubledTables(parts), ...brokenJumps(parts)];
  const sets = collectSets(parts, errors);
  const host = collectHost(parts, errors);
  if (errors.length > 0) return failure(...errors);
  // Exports of an account may tell of ten thousands of rules, for each of its hosts: flatMap takes ten times as long.
  const coverage = ([] as CoverageEntry[]).concat(...parts.map((part) => part.coverage));
  const changed = changes(parts, coverage);
  const resolver = new SetResolver(sets, changed, coverage);
  const layerOf = hostLayers(parts);
  let sequence = 0;
  const chains: Chain[] = [];
  const partOf = new Map<Chain, ConfigPart>();
  for (const part of parts) {
    const first = sequence;
    const layer = layerOf(part);
    for (const chain of part.chains) {
      sequence = Math.max(sequence, first + (chain.base?.sequence ?? 0) + 1);
      const assembled = assembleChain(chain, first, layer ?? chain.layer, resolver);
      chains.push(assembled);
      if (assembled.base !== undefined) partOf.set(assembled, part);
    }
  }
  const orders = registrationOrders(chains, isOrderKnown(partOf));
  for (const entry of orders.coverage) coverage.push(entry);
  const bridged = [...throughBridges(listedVlans(orders.chains, host), host)];
  const routing = translatedDestinations(bridged);
  for (const chain of routing.chains) bridged.push(chain);
  for (const entry of routing.coverage) coverage.push(entry);
  const families = new Set(parts.flatMap((part) => part.families));
  const fixed = new Map([...sets].filter(([name]) => !changed.has(name)));
  return success({ ruleset: { chains: bridged, sets: fixed, host, families }, coverage });
}

/** The chains of one table are listed as they were registered, and a script registers its chains as it has them. */
const isOrderKnown =
  (partOf: ReadonlyMap<Chain, ConfigPart>): IsOrderKnown =>
  (one, other) => {
    const part = partOf.get(one);
    if (part !== partOf.get(other)) return false;
    const isOneTable = one.table === other.table && one.families.join() === other.families.join();
    return isOneTable || part?.registersInOrder === true;
  };

function assembleChain(chain: Chain, first: number, layer: string, resolver: SetResolver): Chain {
  const rules = resolver.rules(chain.rules);
  if (chain.base === undefined)
    return rules === chain.rules && layer === chain.layer ? chain : { ...chain, layer, rules };
  return { ...chain, layer, rules, base: { ...chain.base, sequence: first + chain.base.sequence } };
}

/** The sets that rules change, each with a line in the coverage. */
function changes(parts: readonly ConfigPart[], coverage: CoverageEntry[]): ReadonlySet<string> {
  const names = new Set<string>();
  const all: readonly ChangedSet[] = parts.flatMap((part) => part.changedSets ?? []);
  for (const { name, span } of all) {
    names.add(name);
    const reason = `the set \`${name}\` changes as packets pass: what was saved of it is a snapshot, and conditions on it may hold or not`;
    coverage.push({ span, status: 'approximated', reason });
  }
  return names;
}

function collectSets(parts: readonly ConfigPart[], errors: Diagnostic[]): ReadonlyMap<string, NamedSet> {
  const sets = new Map<string, NamedSet>();
  for (const set of parts.flatMap((part) => part.sets)) {
    const before = sets.get(set.name);
    if (before !== undefined) errors.push(twice(`the set \`${set.name}\``, set.origin, before.origin));
    else sets.set(set.name, set);
  }
  return sets;
}

function collectHost(parts: readonly ConfigPart[], errors: Diagnostic[]): HostFacts | undefined {
  let host: HostFacts | undefined;
  for (const part of parts) {
    if (part.host === undefined) continue;
    if (host !== undefined)
      errors.push(twice('a listing of the host’s addresses', part.host.origin, host.origin));
    else host = part.host;
  }
  return host;
}

/**
 * One table in two files. The legacy tables and those of nf_tables exist side by side in one kernel,
 * so a dump of each may be given.
 */
function doubledTables(parts: readonly ConfigPart[]): readonly Diagnostic[] {
  const errors: Diagnostic[] = [];
  const seen = new Map<string, { readonly part: ConfigPart; readonly chain: Chain }>();
  for (const part of parts) {
    for (const chain of part.chains) {
      const key = tableKey(part, chain);
      const before = seen.get(key);
      if (before === undefined) seen.set(key, { part, chain });
      else if (before.part !== part) {
        errors.push(twice(`the table \`${chain.table}\``, chain.origin, before.chain.origin));
        break;
      }
    }
  }
  return errors;
}

function twice(what: string, second: Span, first: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'given-twice',
    message: `${what} is given twice; the other is at ${formatPlace(first)}`,
    span: second,
    expected: 'the files of one host, captured at one time',
    help: 'give each table, set and address list once',
  };
}

/** Jumps to chains that are not there: readers report those, so that one here is a reader's mistake. */
function brokenJumps(parts: readonly ConfigPart[]): readonly Diagnostic[] {
  const ids = new Set(parts.flatMap((part) => part.chains.map((chain) => chain.id)));
  const errors: Diagnostic[] = [];
  for (const part of parts)
    for (const chain of part.chains)
      for (const rule of chain.rules) if (!jumpsAreKnown(rule, ids)) errors.push(brokenJump(rule));
  return errors;
}

function jumpsAreKnown(rule: Rule, ids: ReadonlySet<string>): boolean {
  for (const action of rule.actions)
    if ((action.kind === 'jump' || action.kind === 'goto') && !ids.has(action.chain)) return false;
  return true;
}

function brokenJump(rule: Rule): Diagnostic {
  return {
    severity: 'error',
    code: 'no-such-chain',
    message: 'the rule jumps to a chain that is not there',
    span: rule.origin,
    expected: 'a chain of the same table',
  };
}
