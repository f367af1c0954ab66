import { allOf, ALWAYS, anyOf, type Condition, negate } from '../../rule/condition.ts';
import type { Chain, Rule } from '../../rule/ruleset.ts';
import { groupBy } from '../../text/group-by.ts';
import { AddressGatherer, addressIs, EVERYBODY } from '../exports/addresses.ts';
import { cloudChain, type Direction, ownField, verdictRule } from '../exports/chains.ts';
import type { Placement } from './points.ts';

/** What a chain is called, and where it is passed. */
export interface Layer {
  readonly name: string;
  readonly table: string;
  readonly distance: number;
}

/** Rules, and the addresses of the instance that they guard. */
export interface Body extends Alike {
  readonly rules: readonly Rule[];
  readonly open?: boolean;
}

/** One chain; where addresses of the instance are guarded by different rules, one for each behind it. All layers get the same placements. */
export function dispatched(
  layer: Layer,
  direction: Direction,
  { bodies, placements }: { readonly bodies: readonly Body[]; readonly placements: readonly Placement[] },
  { before, after }: { readonly before: readonly Rule[]; readonly after: readonly Rule[] },
  origin: Rule['origin'],
): Chain[] {
  const base = { ...layer, layer: layer.name, direction, origin };
  const [only] = bodies;
  if (only !== undefined && bodies.length === 1)
    return [
      cloudChain({
        ...base,
        rules: [...before, ...only.rules, ...after],
        policy: only.open === true ? 'accept' : 'drop',
      }),
    ];
  const inner: Chain[] = bodies.map((body, i) => ({
    id: `${layer.name} ${direction} ${i}`,
    name: `${layer.name} ${i + 1}`,
    table: layer.table,
    families: [4, 6],
    layer: layer.name,
    rules:
      body.open === true ? [verdictRule(ALWAYS, 'accept', origin, 'no network ACL was given')] : body.rules,
    origin,
  }));
  const jumps: Rule[] = bodies.map((body, i) => ({
    match: ownAddress(body, placements, direction, origin),
    actions: [{ kind: 'goto', chain: (inner[i] as Chain).id }],
    origin,
  }));
  return [cloudChain({ ...base, rules: [...before, ...after, ...jumps], policy: 'drop' }), ...inner];
}

/** One of the addresses that these rules guard; one that no export has may be. */
function ownAddress(
  { addresses, placements }: Body,
  all: readonly Placement[],
  direction: Direction,
  origin: Rule['origin'],
): Condition {
  const field = ownField(direction);
  const beside = all.map((one) => negate(addressIs(field, one.addresses)));
  const others = ([4, 6] as const).map((family) =>
    allOf([
      addressIs(field, EVERYBODY[family]),
      ...beside,
      isBehind(placements, candidates(all, family), origin),
    ]),
  );
  return anyOf([addressIs(field, addresses), ...others]);
}

/**
 * Behind which placements an address of the family may be that no export has: those of which a query left addresses out; where
 * none has an address of the family, any, for the instance gets its first one behind one of them, if it gets one.
 */
function candidates(all: readonly Placement[], family: 4 | 6): readonly Placement[] {
  const unsaid = all.filter((one) => one.unsaid.includes(family));
  if (unsaid.length > 0) return unsaid;
  const lacks = ({ addresses: { ipv4, ipv6 } }: Placement) => (family === 4 ? ipv4 : ipv6).length === 0;
  return all.every(lacks) ? all : [];
}

/**
 * An address that may be behind several placements is behind one of them: nobody knows which, but groups and lists are asked about the
 * same one. So there is one question for each placement, in the words of both, and the last follows from the others.
 */
function isBehind(
  meant: readonly Placement[],
  possible: readonly Placement[],
  origin: Rule['origin'],
): Condition {
  const asked = possible.slice(0, -1).map(({ groups, subnet }): Condition => {
    const where = subnet === undefined ? '' : ` in ${subnet}`;
    const names = groups.length === 0 ? 'no group' : groups.join('+');
    const text = `an address that no export has is one of those behind ${names}${where}`;
    return { kind: 'opaque', text, stateful: false, span: origin };
  });
  return anyOf(
    possible.flatMap((one, i) =>
      meant.includes(one) ? [allOf([...asked.slice(0, i).map(negate), asked[i] ?? ALWAYS])] : [],
    ),
  );
}

/** Placements that share what guards them, with the addresses of all. */
export interface Alike extends Pick<Placement, 'addresses'> {
  readonly placements: readonly Placement[];
}

export function distinct(
  placements: readonly Placement[],
  key: (placement: Placement) => string,
): ({ readonly first: Placement } & Alike)[] {
  return [...groupBy(placements, key).values()].map((alike) => {
    const gathered = new AddressGatherer();
    for (const { addresses } of alike) gathered.addAll(addresses);
    return { first: alike[0] as Placement, placements: alike, addresses: gathered.members };
  });
}
