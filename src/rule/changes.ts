import type { Action, AssignAction } from './action.ts';
import type { Condition } from './condition.ts';
import type { Chain, Rule } from './ruleset.ts';
import { allTraffic, ANY_TRAFFIC, isApart, type Traffic, trafficOf } from './traffic.ts';

/** What a rule asks or writes: a field, which bits of it, and of which packets. */
interface Use {
  readonly field: string;
  readonly bits: number;
  /** What it writes, where that is always the same. */
  readonly to?: number;
  readonly traffic: Traffic;
}

/** What a chain asks of packets and does to them, with the chains that it calls. */
export interface Changes {
  readonly reads: readonly Use[];
  readonly writes: readonly Use[];
  /** The packets that it stops. */
  readonly stops: readonly Traffic[];
}

const ALL_BITS = -1;
/** With more pairs of rules nobody looks which are about the same packets. */
const MOST_PAIRS = 250_000;
/** With more rules, those of chains that are called more than once counted as often, it is not followed which packets come to which. */
const MOST_RULES = 100_000;
export const ENDS = ['src', 'dst', 'sport', 'dport'];

/** The fields that some of the chains, or those that they call, write. */
export function writtenFields(
  chains: readonly Chain[],
  chainOf: (id: string) => Chain | undefined,
): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const chain of chains)
    for (const { rules } of withCalled(chain, chainOf))
      for (const { actions } of rules)
        for (const action of actions) for (const { field } of writtenBy(action)) fields.add(field);
  return fields;
}

/**
 * What a chain asks and changes, with the chains that it calls.
 * @param changed fields that do not stay what they are from one chain to the other
 */
export function changesOf(
  chain: Chain,
  chainOf: (id: string) => Chain | undefined,
  changed: ReadonlySet<string>,
): Changes {
  const stops = chain.base?.policy === 'drop' ? [ANY_TRAFFIC] : [];
  const found = (): Collected => ({ reads: [], writes: [], stops: [...stops] });
  const byWay = found();
  let left = MOST_RULES;
  const follow = ({ rules }: Chain, came: Traffic): boolean => {
    left -= rules.length;
    return (
      left > 0 &&
      rules.every((rule) => {
        const { traffic, called } = addRule(byWay, rule, came, changed);
        return called.every((id) => {
          const next = chainOf(id);
          return next === undefined || follow(next, traffic);
        });
      })
    );
  };
  if (follow(chain, ANY_TRAFFIC)) return byWay;
  const once = found();
  for (const { rules } of withCalled(chain, chainOf))
    for (const rule of rules) addRule(once, rule, ANY_TRAFFIC, changed);
  return once;
}

/** The chain and those that it calls, with those that they call. */
function withCalled(chain: Chain, chainOf: (id: string) => Chain | undefined): ReadonlySet<Chain> {
  const seen = new Set([chain]);
  for (const { rules } of seen)
    for (const { actions } of rules)
      for (const id of calledBy(actions)) {
        const next = chainOf(id);
        if (next !== undefined) seen.add(next);
      }
  return seen;
}

const calledBy = (actions: readonly Action[]): string[] =>
  actions.flatMap((action) => (action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : []));

type Collected = { readonly reads: Use[]; readonly writes: Use[]; readonly stops: Traffic[] };

function addRule(to: Collected, { match, actions }: Rule, came: Traffic, changed: ReadonlySet<string>) {
  let traffic = trafficOf(came, match, changed);
  const reads = (field: string, bits = ALL_BITS): unknown => to.reads.push({ field, bits, traffic });
  read(match, reads);
  for (const action of actions) {
    if (action.kind === 'require') {
      traffic = trafficOf(traffic, action.match, changed);
      read(action.match, reads);
    } else if (action.kind === 'unknown' || (action.kind === 'verdict' && action.verdict !== 'accept'))
      to.stops.push(traffic);
    else for (const written of writtenBy(action)) to.writes.push({ ...written, traffic });
    if (action.kind === 'assign' && action.from !== undefined) reads(action.from, action.take);
  }
  return { traffic, called: calledBy(actions) };
}

/**
 * Whether it matters which of two chains a packet passes first. Two translations of sources do not count: what comes of them is
 * no other verdict.
 */
export function orderMatters(one: Changes, other: Changes): boolean {
  const asks = (writes: readonly Use[], reads: readonly Use[]): boolean => {
    const fields = new Set(writes.map(({ field }) => field));
    const asked = reads.filter(({ field }) => fields.has(field));
    return somePair(writes, asked, (a, b) => isOfSame(a, b) && !isApart(a.traffic, b.traffic));
  };
  const lasting = one.writes.filter(isLasting);
  const differ = (a: Use, b: Use): boolean =>
    isOfSame(a, b) && !isSameWrite(a, b) && !isApart(a.traffic, b.traffic);
  return (
    asks(one.writes, other.reads) || asks(other.writes, one.reads) || somePair(lasting, other.writes, differ)
  );
}

/**
 * Whether it matters which of two nat chains a packet passes first. The first that translates it is the last that it passes there, so
 * none asks for new ends, and what the other would have done is not done.
 *
 * @param isLast nobody asks afterwards what they write into the packet
 */
export function orderMattersInNat(one: Changes, other: Changes, isLast: boolean): boolean {
  const [ours, theirs] = [amongNat(one, isLast), amongNat(other, isLast)];
  if (orderMatters(ours.past, theirs.past)) return true;
  const passedBy = (ends: readonly Traffic[], deeds: readonly Traffic[]): boolean =>
    !isApart(allTraffic(ends), allTraffic(deeds)) && somePair(ends, deeds, (a, b) => !isApart(a, b));
  return passedBy(ours.ends, theirs.deeds) || passedBy(theirs.ends, ours.deeds);
}

function amongNat({ reads, writes, stops }: Changes, isLast: boolean) {
  const isEnd = ({ field }: Use): boolean => ENDS.includes(field);
  const others = writes.filter((use) => !isEnd(use));
  const done = writes.filter(({ field }) =>
    isLast ? field === 'ctmark' : field !== 'src' && field !== 'sport' && field !== 'dport',
  );
  return {
    past: { reads: reads.filter((use) => !isEnd(use)), writes: others, stops },
    ends: writes.filter(({ field }) => field === 'src' || field === 'dst').map(({ traffic }) => traffic),
    deeds: [...stops, ...done.map(({ traffic }) => traffic)],
  };
}

const isLasting = ({ field }: Use): boolean => field !== 'src' && field !== 'sport';

const isOfSame = (a: Use, b: Use): boolean => a.field === b.field && (a.bits & b.bits) !== 0;

const isSameWrite = (a: Use, b: Use): boolean =>
  a.to !== undefined && b.to !== undefined && ((a.to ^ b.to) & a.bits & b.bits) === 0;

function somePair<T>(some: readonly T[], others: readonly T[], holds: (a: T, b: T) => boolean): boolean {
  if (some.length * others.length > MOST_PAIRS) return true;
  return some.some((a) => others.some((b) => holds(a, b)));
}

type Reads = (field: string, bits?: number) => unknown;

/** Sets read both ends: which of them, is not looked at. So is what tells whose connection a packet is of. */
function read(condition: Condition, reads: Reads): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      for (const part of condition.of) read(part, reads);
      break;
    case 'not':
      read(condition.of, reads);
      break;
    case 'masked':
      reads(condition.field, condition.mask);
      break;
    case 'field':
    case 'address':
    case 'address-mask':
      reads(condition.field);
      if (condition.field.startsWith('orig')) reads('state');
      break;
    case 'address-type':
      reads(condition.field);
      break;
    case 'set':
      for (const field of [...ENDS, 'mark']) reads(field);
      break;
    case 'translated':
      reads(condition.what === 'dnat' ? 'dst' : 'src');
      reads('state');
      break;
    case 'opaque':
      if (condition.direction !== undefined || condition.began !== undefined) reads('state');
  }
}

/** What an action writes. */
function writtenBy(action: Action): readonly Omit<Use, 'traffic'>[] {
  switch (action.kind) {
    case 'assign':
      return [assigned(action)];
    case 'forget':
      return [{ field: action.field, bits: ALL_BITS }];
    case 'notrack':
      return ['state', 'ctmark'].map((field) => ({ field, bits: ALL_BITS, to: 0 }));
    case 'translate':
      return (action.what === 'dnat' ? ['dst', 'dport'] : ['src', 'sport']).map((field) => ({
        field,
        bits: ALL_BITS,
      }));
    default:
      return [];
  }
}

function assigned({ field, keep, from, take = ALL_BITS, xor, plus }: AssignAction): Omit<Use, 'traffic'> {
  const isSame = from === undefined && plus === undefined && (keep & xor) === 0;
  const bits = plus === undefined ? ~keep | (from === undefined ? 0 : take) | xor : ALL_BITS;
  return isSame ? { field, bits, to: xor } : { field, bits };
}
