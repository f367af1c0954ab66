import { complement, intersection, normalise, type Ranges, union } from '../packet/ranges.ts';
import type { Span } from '../text/source.ts';
import { allOf, anyOf, type Condition, NEVER, negate } from './condition.ts';
import type { NamedSet, SetElement, SetPart } from './named-set.ts';
import { ifaceLookup } from './set-iface.ts';
import type { LookupContext } from './set-leaves.ts';
import { products } from './set-products.ts';

/**
 * What `-m set --match-set` asks, as plain conditions: the kernel's lookup written out
 * (`iptables-extensions(8)`, set; `ipset(8)`; net/netfilter/ipset/ip_set_core.c, ip_set_test).
 *
 * - A set with more dimensions than directions never matches; surplus directions are not looked at.
 * - Types with a `net` dimension are looked up by the most specific prefix first, the first network dimension before
 *   the second; the first element found decides, and a `nomatch` element decides that the packet is not in the set.
 * - With `returnNomatch` the answer of these types is reversed: found as `nomatch` is a match, found plainly is none.
 * - A list:set matches where one of its members does.
 *
 * @param sets the sets by name, for the members of a list:set; a member that is not among them is opaque
 * @param span where opaque leaves say that they come from; the set itself unless given
 */
export function setCondition(
  set: NamedSet,
  sets: ReadonlyMap<string, NamedSet>,
  directions: readonly ('src' | 'dst')[],
  returnNomatch: boolean,
  span: Span = set.origin,
): Condition {
  if (directions.length < set.dimensions.length) return NEVER;
  const text = matchText(set.name, directions, returnNomatch);
  const context: LookupContext = { set, directions, text, span };
  if (set.dimensions[0] === 'set') return listLookup(context, sets, returnNomatch);
  if (!set.dimensions.includes('net')) return products(partsOf(set.elements), context);
  if (set.dimensions.includes('iface')) return ifaceLookup(context, returnNomatch);
  if (!set.elements.some((element) => element.nomatch))
    return returnNomatch ? NEVER : products(partsOf(set.elements), context);
  const classes = bySpecificity(set);
  return isSingleNetwork(set)
    ? rangeLookup(classes, context, returnNomatch)
    : classLookup(classes, context, returnNomatch);
}

/**
 * Whether {@link setCondition} asks something that no packet tells: a destination MAC, a bridge port, a member of a list that is not
 * there.
 */
export function asksUnknown(
  { dimensions, elements }: NamedSet,
  sets: ReadonlyMap<string, NamedSet>,
  directions: readonly ('src' | 'dst')[],
): boolean {
  return dimensions.some((dimension, at) => {
    const parts = (): SetPart[] => elements.map((element) => element.parts[at] as SetPart);
    if (dimension === 'mac') return directions[at] === 'dst';
    if (dimension === 'iface') return parts().some((part) => part.kind === 'iface' && part.physdev);
    if (dimension !== 'set') return false;
    return parts().some((part) => {
      const member = part.kind === 'set' ? sets.get(part.name) : undefined;
      return member === undefined || member.dimensions[0] === 'set' || asksUnknown(member, sets, directions);
    });
  });
}

function matchText(name: string, directions: readonly string[], returnNomatch: boolean): string {
  return `-m set --match-set ${name} ${directions.join(',')}${returnNomatch ? ' --return-nomatch' : ''}`;
}

/** Members are never lists themselves (ip_set_list_set.c, list_set_uadt); one that is ends the way here. */
function listLookup(
  context: LookupContext,
  sets: ReadonlyMap<string, NamedSet>,
  returnNomatch: boolean,
): Condition {
  const members = context.set.elements.flatMap((element) => element.parts);
  return anyOf(
    members.map((part): Condition => {
      if (part.kind !== 'set') return NEVER;
      const member = sets.get(part.name);
      const isList = member?.dimensions[0] === 'set';
      if (member === undefined || isList) {
        const text = matchText(part.name, context.directions, returnNomatch);
        return { kind: 'opaque', text, stateful: false, span: context.span };
      }
      return setCondition(member, sets, context.directions, returnNomatch, context.span);
    }),
  );
}

/** Elements that the kernel finds in one step of its lookup. */
interface SpecificityClass {
  readonly plain: (readonly SetPart[])[];
  readonly nomatch: (readonly SetPart[])[];
}

/**
 * The elements by the prefix lengths of their networks, least specific first. The kernel goes the other way, the
 * second network's prefixes within each of the first's (ip_set_hash_gen.h, mtype_test_cidrs).
 */
function bySpecificity(set: NamedSet): SpecificityClass[] {
  const classes = new Map<number, SpecificityClass>();
  for (const element of set.elements) {
    const parts = element.parts;
    let rank = 0;
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at] as SetPart;
      if (part.kind === 'address' && set.dimensions[at] === 'net') rank = rank * 256 + part.prefix;
    }
    const found = classes.get(rank) ?? { plain: [], nomatch: [] };
    classes.set(rank, found);
    (element.nomatch ? found.nomatch : found.plain).push(parts);
  }
  return [...classes].sort(([a], [b]) => a - b).map(([, found]) => found);
}

/** From the least specific class on, each class takes away what it decides otherwise and adds what it finds. */
function classLookup(
  classes: readonly SpecificityClass[],
  context: LookupContext,
  returnNomatch: boolean,
): Condition {
  let found: Condition = NEVER;
  for (const { plain, nomatch } of classes) {
    const [wanted, other] = returnNomatch ? [nomatch, plain] : [plain, nomatch];
    const kept = found.kind === 'never' ? NEVER : allOf([found, negate(products(other, context))]);
    found = anyOf([kept, products(wanted, context)]);
  }
  return found;
}

/** hash:net: one dimension of plain prefixes. */
function isSingleNetwork(set: NamedSet): boolean {
  return (
    set.dimensions.length === 1 &&
    set.family !== undefined &&
    !set.elements.some((element) =>
      element.parts.some((part) => part.kind === 'address' && part.mask !== undefined),
    )
  );
}

/** As {@link classLookup}, computed on address ranges, so that one condition is left of it. */
function rangeLookup(
  classes: readonly SpecificityClass[],
  context: LookupContext,
  returnNomatch: boolean,
): Condition {
  const field = context.directions[0] as 'src' | 'dst';
  return context.set.family === 4
    ? { kind: 'address', family: 4, field, values: decide(classes, returnNomatch, Number, 0, 0xffff_ffff) }
    : {
        kind: 'address',
        family: 6,
        field,
        values: decide(classes, returnNomatch, (x) => x, 0n, (1n << 128n) - 1n),
      };
}

function decide<T extends number | bigint>(
  classes: readonly SpecificityClass[],
  returnNomatch: boolean,
  convert: (value: bigint) => T,
  least: T,
  greatest: T,
): Ranges<T> {
  const rangesOf = (elements: readonly (readonly SetPart[])[]): Ranges<T> =>
    normalise(
      elements.flatMap(([part]): [T, T][] =>
        part?.kind === 'address' ? [[convert(part.lo), convert(part.hi)]] : [],
      ),
    );
  let found: Ranges<T> = [];
  for (const { plain, nomatch } of classes) {
    const [wanted, other] = returnNomatch ? [nomatch, plain] : [plain, nomatch];
    if (other.length > 0 && found.length > 0)
      found = intersection(found, complement(rangesOf(other), least, greatest));
    if (wanted.length > 0) found = union(found, rangesOf(wanted));
  }
  return found;
}

function partsOf(elements: readonly SetElement[]): readonly (readonly SetPart[])[] {
  return elements.map((element) => element.parts);
}
