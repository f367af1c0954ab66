import type { Action } from './action.ts';
import { type Changes, changesOf, ENDS, orderMatters, orderMattersInNat, writtenFields } from './changes.ts';
import { allOf, type Condition, negate } from './condition.ts';
import type { BaseChain, Chain, CoverageEntry, Rule } from './ruleset.ts';

type Base = Chain & { readonly base: BaseChain };

/** Whether the order in which two base chains were registered can be told from what was given. */
export type IsOrderKnown = (one: Chain, other: Chain) => boolean;

/** Of more chains that hang together than this, each runs early or late, and not at every place. */
const MOST_ROUNDS = 4;

/**
 * Base chains of one hook and priority run in reverse order of registration (net/netfilter/core.c, nf_hook_entries_grow), and
 * no listing says who was registered first. Where one changes what the other asks, this is written down as more base chains: each
 * stands at several places of the order, of which one counts.
 */
export function registrationOrders(
  chains: readonly Chain[],
  isKnown: IsOrderKnown,
): { readonly chains: readonly Chain[]; readonly coverage: readonly CoverageEntry[] } {
  const groups = togetherOf(chains, isKnown);
  if (groups.length === 0) return { chains, coverage: [] };
  const replaced = new Map<Chain, readonly Chain[]>();
  const coverage: CoverageEntry[] = [];
  for (const group of groups) {
    const places = placesOf(group, chains);
    for (const chain of group) replaced.set(chain, copies(chain, group, places(chain)));
    for (const { origin: span } of group)
      coverage.push({ span, status: 'approximated', reason: reasonOf(group) });
  }
  return { chains: chains.flatMap((chain) => replaced.get(chain) ?? [chain]), coverage };
}

/** The base chains whose order matters and is not known, each with those that it meets. */
function togetherOf(chains: readonly Chain[], isKnown: IsOrderKnown): readonly (readonly Base[])[] {
  const places = new Map<string, Base[]>();
  for (const chain of chains) {
    if (!isBase(chain)) continue;
    const key = `${chain.base.hook} ${runsAt(chain.base)}`;
    const here = places.get(key);
    if (here === undefined) places.set(key, [chain]);
    else here.push(chain);
  }
  const nats = chains.filter((chain) => chain.base?.type === 'nat');
  // What is known of one and each of two others is known of these. NAT is registered with whichever nat chain was first, of any hook.
  const isOpen = (here: readonly Base[]): boolean => {
    const isMixed = new Set(here.map(({ base }) => base.type === 'nat')).size > 1;
    return ([4, 6] as const).some((family) => {
      const all = isMixed ? [...here, ...nats] : here;
      const [first, ...rest] = all.filter(({ families }) => families.includes(family));
      return first !== undefined && rest.some((other) => other !== first && !isKnown(first, other));
    });
  };
  const isLast = ({ base }: Base): boolean =>
    base.hook === 'postrouting' &&
    !chains.some((other) => other.base !== undefined && runsBehind(other.base, base));
  let byId: ReadonlyMap<string, Chain> | undefined;
  const chainOf = (id: string): Chain | undefined => {
    byId ??= new Map(chains.map((chain) => [chain.id, chain]));
    return byId.get(id);
  };
  return [...places.values()]
    .filter(isOpen)
    .flatMap((here) => groupsOf(here, chainOf, isLast))
    .filter(isOpen);
}

/** Bridges have an order of their own, and a cloud's rules change no packet. */
const isBase = (chain: Chain): chain is Base =>
  chain.base !== undefined && chain.bridged === undefined && !chain.base.hook.startsWith('cloud-');

/** Where a chain takes effect: nat chains translate at priorities of their own (net/netfilter/nf_nat_proto.c, nf_nat_ipv4_ops). */
function runsAt({ type, hook, priority }: BaseChain): number {
  if (type !== 'nat') return priority;
  return hook === 'prerouting' || hook === 'output' ? -100 : 100;
}

const runsBehind = (one: BaseChain, nat: BaseChain): boolean =>
  one.hook === 'egress' || (one.hook === nat.hook && one.type !== 'nat' && one.priority >= runsAt(nat));

/** The chains that one after the other do not do the same in every order, put together where they share one. */
function groupsOf(
  here: readonly Base[],
  chainOf: (id: string) => Chain | undefined,
  isLast: (chain: Base) => boolean,
): readonly (readonly Base[])[] {
  const written = writtenFields(here, chainOf);
  if (written.size === 0) return [];
  // What a nat chain gives new ends no other is asked about.
  const isNatAlone = here.every(({ base }) => base.type === 'nat');
  const changed = isNatAlone ? new Set([...written].filter((field) => !ENDS.includes(field))) : written;
  const changes = new Map<Chain, Changes>(here.map((chain) => [chain, changesOf(chain, chainOf, changed)]));
  const meet = (one: Base, other: Base): boolean => {
    if (!one.families.some((family) => other.families.includes(family))) return false;
    const [ours, theirs] = [changes.get(one) as Changes, changes.get(other) as Changes];
    if (one.base.type !== 'nat' || other.base.type !== 'nat') return orderMatters(ours, theirs);
    // The priorities of nat chains order them among themselves.
    return one.base.priority === other.base.priority && orderMattersInNat(ours, theirs, isLast(one));
  };
  const left = new Set(here);
  const groups: Base[][] = [];
  for (const first of left) {
    left.delete(first);
    const group = new Set([first]);
    for (const one of group)
      for (const other of left)
        if (meet(one, other)) {
          left.delete(other);
          group.add(other);
        }
    if (group.size > 1) groups.push([...group]);
  }
  return groups;
}

/**
 * The places of each chain of a group, as numbers of registration: so many that any order can be had by one place of each. NAT is
 * one function with one place: its chains have places in it, and other chains run before it or behind it.
 */
function placesOf(group: readonly Base[], chains: readonly Chain[]): (chain: Base) => readonly number[] {
  const isNat = ({ base }: Chain): boolean => base?.type === 'nat';
  const registered = [...chains.filter(isNat), ...group].map(({ base }) => (base as BaseChain).sequence);
  const highest = registered.reduce((most, at) => Math.max(most, at));
  const lowest = registered.reduce((least, at) => Math.min(least, at));
  const nats = group.filter(isNat);
  const others = group.filter((chain) => !isNat(chain));
  return (chain) => {
    if (isNat(chain)) return nats.length === 1 ? [chain.base.sequence] : rounds(nats, chain, highest);
    const early = rounds(others, chain, highest + 1);
    return nats.length === 0 ? early : [...early, ...rounds(others, chain, lowest - 1)];
  };
}

/**
 * The chain's places in a list that is gone through as often as it has chains, all of them behind `from` by less than one. The chain
 * that would come last of all does not need that place, as it has one behind all others before.
 */
function rounds(list: readonly Chain[], chain: Chain, from: number): readonly number[] {
  const times = Math.min(list.length, MOST_ROUNDS);
  const at = list.indexOf(chain);
  const needed = at === 0 && times > 1 ? times - 1 : times;
  const place = (round: number): number => (times - 1 - round) * list.length + at + 1;
  return Array.from({ length: needed }, (_, round) => from + place(round) / (times * list.length + 1));
}

/** The chain at each of its places, of which the first counts whose question has the answer yes, or else the last. */
function copies(chain: Base, group: readonly Base[], places: readonly number[]): readonly Chain[] {
  const asked = places.slice(1).map(
    (_, at): Condition => ({
      kind: 'opaque',
      text: `${at === 0 ? '' : `${at + 1}: `}${nameOf(chain)} was registered later than ${others(chain, group)}`,
      stateful: false,
      lasting: true,
      span: chain.origin,
    }),
  );
  return places.map((sequence, at) => {
    if (places.length === 1) return { ...chain, base: { ...chain.base, sequence } };
    const counts = allOf([...asked.slice(0, at).map(negate), ...asked.slice(at, at + 1)]);
    const ends: Action = { kind: 'verdict', verdict: 'accept' };
    const elsewhere: Rule = { match: negate(counts), actions: [ends], origin: chain.origin };
    const id = at === 0 ? chain.id : `${chain.id} place ${at + 1}`;
    return { ...chain, id, rules: [elsewhere, ...chain.rules], base: { ...chain.base, sequence } };
  });
}

const nameOf = ({ table, name, layer }: Chain): string =>
  `\`${layer.startsWith('iptables') ? 'iptables ' : ''}${table} ${name}\``;

const others = (chain: Base, group: readonly Base[]): string =>
  group
    .filter((other) => other !== chain)
    .map(nameOf)
    .join(', ');

function reasonOf(group: readonly Base[]): string {
  const [first] = group;
  return `${group.map(nameOf).join(' and ')} have the same priority at ${first?.base.hook}, one changes what another asks, and what was given does not say which was registered first: either may run first`;
}
