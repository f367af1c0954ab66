import { pairsOf, type Ranges } from '../packet/ranges.ts';
import { type AddressCondition, type Condition, interfaceText } from './condition.ts';
import type { Action } from './action.ts';
import type { Chain, Rule } from './ruleset.ts';

/** Fields that a dump and a listing say alike wherever both say anything of them. */
const COMPARED: ReadonlySet<string> = new Set(['src', 'dst', 'sport', 'dport', 'in', 'out']);

/**
 * How a table of an nft listing differs from a dump's table of the same name; undefined where it may well be the same one. A
 * listing cannot print all that iptables says, so that only what both say is compared: chains, policies, how many rules there are, what
 * they do, and addresses, ports and interfaces.
 */
export function tableDifference(dump: readonly Chain[], listing: readonly Chain[]): string | undefined {
  const listed = new Map(listing.map((chain) => [standingOf(chain), chain]));
  for (const chain of dump) {
    const other = listed.get(standingOf(chain));
    listed.delete(standingOf(chain));
    // iptables makes its own chains when the first rule needs them, and its dump has them all.
    if (other === undefined) {
      if (chain.base !== undefined && chain.rules.length === 0 && chain.base.policy === 'accept') continue;
      return `it has no chain \`${chain.name}\``;
    }
    const difference = chainDifference(chain, other);
    if (difference !== undefined) return difference;
  }
  const [more] = listed.values();
  return more === undefined ? undefined : `the dump has no chain \`${more.name}\``;
}

/** A chain for bridged packets stands at several hooks of IP. */
const standingOf = ({ name, bridged, base }: Chain): string =>
  bridged === undefined ? name : `${name} ${base?.hook} ${bridged.way}`;

function chainDifference(dump: Chain, listing: Chain): string | undefined {
  const { name } = dump;
  if (dump.base?.policy !== listing.base?.policy) return `its chain \`${name}\` has another policy`;
  const [ours, theirs] = [linesOf(dump), linesOf(listing)];
  if (ours.length !== theirs.length)
    return `its chain \`${name}\` has ${count(theirs.length)}, and the dump's has ${count(ours.length)}`;
  const at = ours.findIndex((rules, i) => !areAlike(rules, theirs[i] ?? []));
  return at < 0 ? undefined : `rule ${at + 1} of its chain \`${name}\` is another one`;
}

const count = (rules: number): string => `${rules} ${rules === 1 ? 'rule' : 'rules'}`;

/** The rules of a chain line by line: one line may stand for several. */
function linesOf({ rules }: Chain): Rule[][] {
  const lines: Rule[][] = [];
  for (const rule of rules) {
    const last = lines[lines.length - 1];
    if (last?.[0] !== undefined && last[0].origin.start === rule.origin.start) last.push(rule);
    else lines.push([rule]);
  }
  return lines;
}

function areAlike(ours: readonly Rule[], theirs: readonly Rule[]): boolean {
  const [a, b] = [ours.map(endOf), theirs.map(endOf)].map((ends) => [...new Set(ends)].sort().join());
  if (a !== b && !`${a} ${b}`.includes('?')) return false;
  const [mine, others] = [facts(ours), facts(theirs)];
  return [...mine].every(([field, values]) => {
    const other = others.get(field);
    return other === undefined || other === values;
  });
}

/** What a rule does with a packet in the end; `?` where a listing may print it as something that nobody can read. */
function endOf({ actions }: Rule): string {
  const last: Action | undefined = actions.findLast(({ kind }) => kind !== 'note' && kind !== 'require');
  if (last === undefined) return '?';
  if (last.kind === 'verdict') return last.verdict;
  if (last.kind === 'jump' || last.kind === 'goto') return `${last.kind} ${nameOf(last.chain)}`;
  return last.kind === 'return' ? 'return' : '?';
}

/** The name at the end of a chain's id: ids of dumps end in `/name`, those of listings in ` name`. */
const nameOf = (id: string): string => id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(' ')) + 1);

/** What the rules ask of the fields, as texts; of a field that they ask about twice nothing. */
function facts(rules: readonly Rule[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (field: string, text: string): void => {
    const known = found.get(field);
    found.set(field, known === undefined || known === text ? text : `${known} and ${text}`);
  };
  for (const { match } of rules) for (const [field, text] of leaves(match, '')) add(field, text);
  for (const [field, text] of found) if (text.includes(' and ')) found.delete(field);
  return found;
}

const isEverything = ({ family, values }: AddressCondition): boolean => values.join() === EVERYTHING[family];
const EVERYTHING = { 4: `0,${2 ** 32 - 1}`, 6: `0,${2n ** 128n - 1n}` } as const;

function* leaves(condition: Condition, sign: string): Iterable<readonly [string, string]> {
  switch (condition.kind) {
    case 'and':
    // A listing's question about a port has a second part, for fragments.
    case 'or':
      for (const part of condition.of) yield* leaves(part, sign);
      break;
    case 'not':
      yield* leaves(condition.of, sign === '' ? '!' : '');
      break;
    case 'address':
    case 'field':
      // Every address: that is the family.
      if (COMPARED.has(condition.field) && !(condition.kind === 'address' && isEverything(condition)))
        yield [condition.field, `${sign}${pairsOf(condition.values as Ranges<bigint>).join(';')}`];
      break;
    case 'interface':
      yield [condition.field, `${sign}${condition.names.map(interfaceText).join()}`];
      break;
    default:
  }
}
