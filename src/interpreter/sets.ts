import type { SetCondition } from '../rule/condition.ts';
import type { NamedSet, SetElement } from '../rule/named-set.ts';
import { visibleNames } from './interfaces.ts';
import { questionOfBytes, whichInterface } from './narrow.ts';
import type { Truth } from './question.ts';
import { elementsNear } from './set-index.ts';
import { type Held, partHolds, type Reading, readDimension } from './set-parts.ts';
import type { Walk } from './walk.ts';

/** What a lookup can find; with open fields it may be several. */
type Found = 'plain' | 'nomatch' | 'nothing';

/** How deep lists of sets may hold each other; the kernel takes no list in a list (`ipset(8)`, list:set). */
const LIST_DEPTH = 4;

/**
 * Whether the packet is in the named set, as the kernel looks it up (`net/netfilter/ipset/ip_set_core.c`,
 * ip_set_test, and `ip_set_hash_gen.h`). Where open fields leave it undecided the match itself is the question.
 */
export function isInSet(walk: Walk, condition: SetCondition): Truth {
  const held = testSet(walk, condition.set, condition, LIST_DEPTH);
  if (held !== 'maybe') return held === 'yes';
  const open = openInterface(walk, condition);
  if (open !== undefined) return open;
  // The fields that the set reads may be written again with other open values; each writing is a new question.
  const writes = JSON.stringify(walk.unknownWrites);
  const key = `${condition.text} ${writes} ${walk.names.in} ${walk.names.out}`;
  return questionOfBytes(walk, 'set', key, condition.text);
}

/** A set that reads an interface of several possible ones is looked up once for each of them. */
function openInterface(walk: Walk, { set, directions }: SetCondition): Truth | undefined {
  const at = walk.setting.ruleset.sets.get(set)?.dimensions.indexOf('iface') ?? -1;
  if (at < 0) return undefined;
  const field = directions[at] === 'dst' ? 'out' : 'in';
  const names = visibleNames(walk, field);
  return names.length > 1 ? whichInterface(names, field) : undefined;
}

function testSet(walk: Walk, name: string, condition: SetCondition, depth: number): Held {
  const set = walk.setting.ruleset.sets.get(name);
  if (set === undefined || depth === 0) return 'maybe';
  // ip_set_test: a set of more dimensions than were given, or of the other family, holds nothing.
  if (condition.directions.length < set.dimensions.length) return 'no';
  if (set.family !== undefined && set.family !== walk.setting.packet.family) return 'no';
  if (set.dimensions[0] === 'set') return testList(walk, set, condition, depth);
  const counts = countsAs(set, condition.returnNomatch);
  const results = new Set(findings(walk, set, condition).map((found) => counts[found]));
  if (results.size !== 1) return 'maybe';
  return results.has(true) ? 'yes' : 'no';
}

/** The members in order; the first that holds the packet decides (`ip_set_list_set.c`, list_set_ktest). */
function testList(walk: Walk, set: NamedSet, condition: SetCondition, depth: number): Held {
  let held: Held = 'no';
  for (const element of set.elements) {
    const member = element.parts[0];
    if (member?.kind !== 'set') continue;
    const inMember = testSet(walk, member.name, condition, depth - 1);
    if (inMember === 'yes') return 'yes';
    if (inMember === 'maybe') held = 'maybe';
  }
  return held;
}

/**
 * What each finding means for the match. With `--return-nomatch`, in sets that know `nomatch`, it is reversed: an
 * exception found matches and a plain element does not (`iptables-extensions(8)`, set).
 */
function countsAs(set: NamedSet, returnNomatch: boolean): Record<Found, boolean> {
  const knowsNomatch = set.dimensions.includes('net');
  const reversed = returnNomatch && knowsNomatch;
  return { plain: !reversed, nomatch: reversed, nothing: false };
}

/** What the lookup can find, going from the most specific elements to the widest. */
function findings(walk: Walk, set: NamedSet, condition: SetCondition): Found[] {
  const readings = set.dimensions.map((dimension, at) =>
    readDimension(walk, set, dimension, condition.directions[at] ?? 'src'),
  );
  if (readings.includes(undefined)) return ['nothing'];
  const all = readings as readonly Reading[];
  if (set.dimensions.includes('iface')) return interfaceFindings(set, all);
  const found: Found[] = [];
  for (const { element, held } of candidates(set, all)) {
    found.push(kindOf(element));
    if (held === 'yes') return found;
  }
  return [...found, 'nothing'];
}

function kindOf(element: SetElement): Found {
  return element.nomatch ? 'nomatch' : 'plain';
}

/**
 * The lookup in a hash:net,iface ends at the most specific network that has the address, whichever interfaces are
 * stored with it (`ip_set_hash_gen.h`, mtype_test_cidrs, `multi`), but for networks with bridge ports only. Where one
 * network has the interface both plainly and as an exception, the order of storage decides, which is not known.
 */
function interfaceFindings(set: NamedSet, [address, iface]: readonly Reading[]): Found[] {
  if (address === undefined || iface === undefined) return ['nothing'];
  const found: Found[] = [];
  for (const { elements, held } of networks(set, address)) {
    const holding = elements.filter((element) => partOf(element, 1, iface) !== 'no');
    found.push(...holding.map(kindOf));
    if (elements.every(isBridgePort) || held === 'maybe') continue;
    const surely = holding.some((element) => partOf(element, 1, iface) === 'yes');
    return surely ? found : [...found, 'nothing'];
  }
  return [...found, 'nothing'];
}

function isBridgePort({ parts: [, part] }: SetElement): boolean {
  return part?.kind === 'iface' && part.physdev;
}

/** The elements of each network that has the address or may have it, longest prefix first. */
function networks(set: NamedSet, address: Reading): { elements: SetElement[]; held: Held }[] {
  const found = new Map<string, { elements: SetElement[]; held: Held; prefix: number }>();
  for (const element of elementsNear(set, [address])) {
    const held = partOf(element, 0, address);
    const part = element.parts[0];
    if (held === 'no' || part?.kind !== 'address') continue;
    const key = `${part.lo}/${part.prefix}`;
    const network = found.get(key);
    if (network === undefined) found.set(key, { elements: [element], held, prefix: part.prefix });
    else network.elements.push(element);
  }
  return [...found.values()].sort((a, b) => b.prefix - a.prefix);
}

interface Candidate {
  readonly element: SetElement;
  readonly held: Held;
}

/**
 * Elements that hold the packet or may, in the order in which the kernel meets them: longest prefix of the first
 * network first, then of the second (`ip_set_hash_gen.h`, mtype_test_cidrs), then as stored.
 */
function candidates(set: NamedSet, readings: readonly Reading[]): Candidate[] {
  const found: Candidate[] = [];
  for (const element of elementsNear(set, readings)) {
    const held = elementHolds(element, readings);
    if (held !== 'no') found.push({ element, held });
  }
  const nets = set.dimensions.flatMap((dimension, at) => (dimension === 'net' ? [at] : []));
  return found.sort((a, b) => {
    for (const at of nets) {
      const difference = prefixOf(b.element, at) - prefixOf(a.element, at);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function prefixOf(element: SetElement, at: number): number {
  const part = element.parts[at];
  return part?.kind === 'address' ? part.prefix : 0;
}

function elementHolds(element: SetElement, readings: readonly Reading[]): Held {
  let held: Held = 'yes';
  for (const [at, reading] of readings.entries()) {
    const one = partOf(element, at, reading);
    if (one === 'no') return 'no';
    if (one === 'maybe') held = 'maybe';
  }
  return held;
}

function partOf(element: SetElement, at: number, reading: Reading): Held {
  const part = element.parts[at];
  return part === undefined ? 'no' : partHolds(part, reading);
}
