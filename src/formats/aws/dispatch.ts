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
export interface Body extends Pick<Placement, 'addresses' | 'unsaid'> {
  /** Of its groups, of its list, or of a subnet without one. */
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly open?: boolean;
}

/** One chain; where addresses of the instance are guarded by different rules, one for each behind it. */
export function dispatched(
  layer: Layer,
  direction: Direction,
  bodies: readonly Body[],
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
    match: ownAddress(body, bodies, direction, origin),
    actions: [{ kind: 'goto', chain: (inner[i] as Chain).id }],
    origin,
  }));
  return [cloudChain({ ...base, rules: [...before, ...after, ...jumps], policy: 'drop' }), ...inner];
}

/** One of the addresses that these rules guard; one that no export has may be. */
function ownAddress(
  body: Body,
  bodies: readonly Body[],
  direction: Direction,
  origin: Rule['origin'],
): Condition {
  const { name, addresses, unsaid, rules } = body;
  const field = ownField(direction);
  const known = addressIs(field, addresses);
  const families = [...new Set([...unsaid, ...lackedByAll(bodies)])];
  if (families.length === 0) return known;
  // A subnet whose list nobody gave has no rules.
  const span = rules[0]?.origin ?? origin;
  const text = `an address that no export has is one of those behind ${name}`;
  const beside = bodies.map(({ addresses: those }) => negate(addressIs(field, those)));
  const others = anyOf(families.map((family) => addressIs(field, EVERYBODY[family])));
  // Of a family that none of them has the instance gets its first address behind one of them, if it gets one.
  const isLast = unsaid.length === 0 && body === bodies[bodies.length - 1];
  const meant: Condition = isLast ? ALWAYS : { kind: 'opaque', text, stateful: false, span };
  return anyOf([known, allOf([others, ...beside, meant])]);
}

/** Families of which no interface has an address: what rules let through there is an opening the day that one gets it. */
function lackedByAll(bodies: readonly Body[]): (4 | 6)[] {
  return ([4, 6] as const).filter((family) =>
    bodies.every(
      ({ addresses: { ipv4, ipv6 }, unsaid }) =>
        (family === 4 ? ipv4 : ipv6).length === 0 && !unsaid.includes(family),
    ),
  );
}

/** Placements that share what guards them, with the addresses of all. */
export function distinct(
  placements: readonly Placement[],
  key: (placement: Placement) => string,
): ({ readonly first: Placement } & Pick<Placement, 'addresses' | 'unsaid'>)[] {
  return [...groupBy(placements, key).values()].map((alike) => {
    const gathered = new AddressGatherer();
    for (const { addresses } of alike) gathered.addAll(addresses);
    const unsaid = [...new Set(alike.flatMap((one) => one.unsaid))].sort();
    return { first: alike[0] as Placement, addresses: gathered.members, unsaid };
  });
}
