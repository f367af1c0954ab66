import type { Node } from '../../packet/diagram.ts';
import { meets, within } from '../../packet/relations.ts';
import { visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { IDENTITY, Transform, type Translation } from '../../symbolic/translation/transform.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { kept } from '../../text/kept.ts';
import { groupBy } from '../../text/group-by.ts';
import { translatedText } from '../finding/translated.ts';
import type { HookView, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * The packets of a hook whose destination rules translate, one part for each place that they go to. What else is done to
 * them makes no difference: Docker masquerades what a container sends to its own published port.
 */
export function translatedParts({ diagram, family }: FamilyView, { translated }: HookView): readonly Part[] {
  const groups = groupBy(translated.flows, (flow) => `${JSON.stringify(translatedText([flow], family))}`);
  if (groups.size === 1) return [translated];
  return [...groups.values()].map((flows) => {
    const may = visible(diagram, diagram.orAll(flows.map((flow) => flow.set)));
    return { flows, bounds: { must: diagram.and(may, translated.bounds.must), may } };
  });
}

/**
 * Whether no packet is of two parts: a rule that asks for chance (`-m statistic`) sends the same packets here and there. In
 * halves, as hosts publish thousands of ports.
 */
export function areApart(diagram: FamilyView['diagram'], parts: readonly Part[]): boolean {
  const union = (from: number, to: number): Node | undefined => {
    if (to - from === 1) return (parts[from] as Part).bounds.may;
    const middle = (from + to) >> 1;
    const first = union(from, middle);
    const second = first === undefined ? undefined : union(middle, to);
    if (first === undefined || second === undefined || meets(diagram, first, second)) return undefined;
    return diagram.or(first, second);
  };
  return parts.length < 2 || union(0, parts.length) !== undefined;
}

/**
 * Packets, as they arrive, that are in the set once the flows have translated their destination. Their source is the one that they
 * arrive with: what masquerading makes of it nobody documents, and no chain that filters sees.
 */
export function asTheyArrive(view: FamilyView, hook: HookView, flows: readonly Flow[], set: Node): Node {
  return visible(view.diagram, wholeAsTheyArrive(view, hook, flows, set));
}

/** The same with the fields that boxes do not have. */
export function wholeAsTheyArrive(
  { diagram }: FamilyView,
  { analysis }: HookView,
  flows: readonly Flow[],
  set: Node,
): Node {
  const sets = flows.map((flow) =>
    analysis.following(flow.set, set, toDestination(flow.transform.destination)),
  );
  return diagram.orAll(sets);
}

/** What decides where packets go that pass in any case, translated or not. */
export const TRANSLATED = 'whether the destination is translated';
/** What decides where packets go that surely pass, where rules or the kernel choose among several destinations. */
export const CHOSEN = 'which of several addresses or ports the translation takes';

/** Whether what a process sends comes back to the host by the loopback interface, where rows about loopback judge it. */
export function staysHere({ transform: { destination, out } }: Flow): boolean {
  const address = destination?.address;
  if (out === 'lo' || address?.kind === 'local') return true;
  if (address?.kind !== 'range') return false;
  return isLoopback(address.lo) && isLoopback(address.hi);
}

/** The same of what sets out by the loopback interface: with another port alone it stays there, and so it does with an address that the deployment gives the host. */
export function staysOnLoopback(view: FamilyView, flow: Flow): boolean {
  const { destination } = flow.transform;
  if (destination === undefined || staysHere(flow)) return destination !== undefined;
  const { address } = destination;
  if (address?.kind !== 'range') return address === undefined;
  const { family, ruleset, own } = view;
  if (ruleset.host !== undefined || own === undefined) return false;
  const given = view.field('dst', inFamily(family, address.lo, address.hi));
  return within(view.diagram, given, view.field('dst', own.addresses));
}

/** 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3). */
function isLoopback(address: bigint): boolean {
  return address === 1n || address >> 24n === 127n;
}

/** The transform that gives packets the destination, and does nothing else. */
export function toDestination(destination: Translation | undefined): Transform {
  if (destination === undefined) return IDENTITY;
  return kept(TO_DESTINATIONS, destination, () => new Transform({ destination }));
}

const TO_DESTINATIONS = new WeakMap<Translation, Transform>();
