import { normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import { type AddressCondition, type Condition, conjuncts } from '../../rule/condition.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { PORTS } from '../conditions/interface-crossing.ts';
import { type End, endOf } from './repeated-lists.ts';

/** Addresses that rules of one chain name one by one, as the list that they are together. */
export interface OwnList {
  readonly end: End;
  readonly family: 4 | 6;
  readonly values: Ranges<number> | Ranges<bigint>;
}

/**
 * What rules that decide for whole addresses, whatever the ports are, do to rules that are open to any address: each of these lets
 * through what they leave over, with a gap for each address. A list of addresses to drop stands before a few ports to open as a
 * named set, or as a rule for each.
 */
export class AddressCuts {
  private known: Record<End, number> | undefined;
  private finals: ReadonlySet<string> | undefined;
  private wideNames: ReadonlySet<string> | undefined;

  constructor(private readonly ruleset: Ruleset) {}

  /** How many rules are open to any address at each end; asked where there are lists. */
  private get open(): Record<End, number> {
    this.known ??= this.count();
    return this.known;
  }

  private count(): Record<End, number> {
    const open = { source: 0, destination: 0 };
    for (const { rules } of this.ruleset.chains)
      for (const rule of rules) {
        if (!this.decides(rule)) continue;
        const named = conjuncts(rule.match).flatMap(endsNamed);
        if (!named.includes('source')) open.source++;
        if (!named.includes('destination')) open.destination++;
      }
    return open;
  }

  /** How many rules are cut by one of a chain that names addresses at this end. */
  cutBy(rule: Rule, { id }: Chain, end: End): number {
    return this.wide.has(id) && this.decides(rule) && !namesPorts(rule) ? this.open[end] : 0;
  }

  /** How many rules are open to any address at this end. */
  opened(end: End): number {
    return this.open[end];
  }

  /** The lists that rules of the chain make which name few addresses each, and nothing of ports. */
  *lists({ id, rules }: Chain): Generator<OwnList> {
    if (!this.wide.has(id)) return;
    const found = new Map<string, { first: AddressCondition; pairs: (readonly [bigint, bigint])[] }>();
    for (const rule of rules) {
      const first = onlyAddresses(rule.match);
      if (first === undefined || namesPorts(rule) || !this.decides(rule)) continue;
      const key = `${first.field} ${first.family}`;
      const list = found.get(key) ?? { first, pairs: [] };
      found.set(key, list);
      for (const pair of pairsOf((first.values as readonly (number | bigint)[]).map(BigInt)))
        list.pairs.push(pair);
    }
    for (const { first, pairs } of found.values()) {
      const values = normalise(pairs);
      const { family, field } = first;
      yield { end: endOf(field), family, values: family === 4 ? values.map(Number) : values };
    }
  }

  /** Whether the rule's verdict is one, or that of a chain which ends with one for every packet. */
  private decides({ actions }: Rule): boolean {
    return actions.some(
      (action) =>
        isVerdict(action) ||
        ((action.kind === 'jump' || action.kind === 'goto') && this.final.has(action.chain)),
    );
  }

  /** The chains that packets come to whatever their ports are. */
  private get wide(): ReadonlySet<string> {
    if (this.wideNames !== undefined) return this.wideNames;
    const chains = new Map(this.ruleset.chains.map((chain) => [chain.id, chain]));
    const found = new Set(this.ruleset.chains.filter(({ base }) => base !== undefined).map(({ id }) => id));
    // A set that grows while it is walked: its new members are walked too.
    for (const id of found)
      for (const rule of chains.get(id)?.rules ?? [])
        for (const action of rule.actions)
          if ((action.kind === 'jump' || action.kind === 'goto') && !namesPorts(rule))
            found.add(action.chain);
    this.wideNames = found;
    return found;
  }

  private get final(): ReadonlySet<string> {
    this.finals ??= new Set(
      this.ruleset.chains.filter(({ rules }) => rules.some(isForAll)).map(({ id }) => id),
    );
    return this.finals;
  }
}

const isVerdict = ({ kind }: Action): boolean => kind === 'verdict';

const isForAll = ({ match, actions }: Rule): boolean => match.kind === 'always' && actions.some(isVerdict);

/** The one condition on addresses among those of a rule. */
function onlyAddresses(match: Condition): AddressCondition | undefined {
  let only: AddressCondition | undefined;
  for (const part of conjuncts(match)) {
    if (part.kind !== 'address') continue;
    if (only !== undefined) return undefined;
    only = part;
  }
  return only;
}

function endsNamed(part: Condition): readonly End[] {
  if (part.kind === 'address') return [endOf(part.field)];
  if (part.kind === 'set')
    return part.directions.map((direction) => (direction === 'src' ? 'source' : 'destination'));
  return [];
}

/** What is about single ports has nothing to do with rules about others. */
const namesPorts = ({ match }: Rule): boolean => asksPorts(match);

function asksPorts(part: Condition): boolean {
  if (part.kind === 'and') return part.of.some(asksPorts);
  if (part.kind === 'or') return part.of.length > 0 && part.of.every(asksPorts);
  return part.kind === 'field' && PORTS.has(part.field);
}
