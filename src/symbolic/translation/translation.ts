import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { nameRanges } from '../../packet/interface-names.ts';
import { digitsOf, maskedNode, rangesNode } from '../../packet/literals.ts';
import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { TranslateAction } from '../../rule/action.ts';
import type { HostFacts } from '../../rule/ruleset.ts';
import { unchangedByRedirect } from './redirect.ts';
import type { Changed, Place, Scope, Surroundings } from '../scope.ts';
import { type Flow, PASS, type Summary } from '../chains/summary.ts';
import { IDENTITY, type Translation } from './transform.ts';
import { translated } from './transforms.ts';

const PORTED: Ranges = normalise(PORT_PROTOCOLS.map((protocol) => [protocol, protocol] as const));

/**
 * A translation as a summary: it ends the chain. Where it matters, packets that are translated to what they were are told
 * from those that change.
 *
 * @param without packets that cannot be translated and are dropped
 */
export function translationSummary(
  diagram: Diagram,
  action: TranslateAction,
  without: Node,
  place: Place,
  scope: Scope,
  surroundings: Surroundings,
): Summary {
  const flow = (changed: Changed, set: Node): Flow => ({ transform: translated(action, changed), set });
  const rest = diagram.not(without);
  const ended = { ...PASS, deny: without === NONE ? [] : [{ transform: IDENTITY, set: without }], stop: ALL };
  if (!surroundings.editionsMatter) return { ...ended, accept: [flow('yes', rest)] };
  const { same, maybe } = unchanged(diagram, action, place.out, scope, surroundings.host);
  const flows = [
    flow('no', diagram.and(rest, same)),
    flow('maybe', diagram.and(rest, maybe)),
    flow('yes', diagram.difference(rest, diagram.or(same, maybe))),
  ];
  return { ...ended, accept: flows.filter(({ set }) => set !== NONE) };
}

/**
 * Packets that cannot be given an address: a redirection finds none on their interface (net/netfilter/nf_nat_redirect.c),
 * masquerading none on any (net/netfilter/nf_nat_masquerade.c).
 */
export function withoutAddress(
  diagram: Diagram,
  { what, address }: TranslateAction,
  place: Place,
  { family }: Scope,
  { host }: Surroundings,
): Node {
  if (address?.kind !== 'local' || host === undefined || (what === 'dnat' && place.hook === 'output'))
    return NONE;
  const bare = host.interfaces.filter(
    (name) =>
      !host.addresses.some(
        (own) => own.family === family && (what === 'snat' ? own.narrow !== true : own.interface === name),
      ),
  );
  if (what === 'snat' && place.out !== undefined) return bare.includes(place.out) ? ALL : NONE;
  const device = what === 'dnat' ? 'in' : 'out';
  return rangesNode(diagram, device, nameRanges(bare.map((name) => ({ name, prefix: false }))), ALL);
}

/**
 * Packets that a translation surely leaves as they are, and others that it may.
 *
 * @param by the interface by which the packet leaves, if that is not the one by which it set out
 */
export function unchanged(
  diagram: Diagram,
  { what, address, port }: Pick<TranslateAction, 'what'> & Omit<Translation, 'changed'>,
  by: string | undefined,
  scope: Pick<Scope, 'hook' | 'family'>,
  host: HostFacts | undefined,
): { same: Node; maybe: Node } {
  const [side, portField] = what === 'dnat' ? (['dst', 'dport'] as const) : (['src', 'sport'] as const);
  let { same, maybe } =
    address?.kind === 'local'
      ? unchangedByRedirect(diagram, side, scope, host, by)
      : unchangedAddress(diagram, side, address, scope.family);
  const ported = rangesNode(diagram, 'protocol', PORTED, ALL);
  if (port !== undefined) {
    const inside = diagram.or(rangesNode(diagram, portField, [port.lo, port.hi], ALL), diagram.not(ported));
    maybe = diagram.and(maybe, inside);
    same = diagram.and(same, port.lo === port.hi ? inside : diagram.not(ported));
  } else if (what === 'snat') same = diagram.difference(same, ported);
  return { same, maybe: diagram.difference(maybe, same) };
}

function unchangedAddress(
  diagram: Diagram,
  side: 'src' | 'dst',
  address: Exclude<TranslateAction['address'], { kind: 'local' }>,
  family: 4 | 6,
): { same: Node; maybe: Node } {
  if (address === undefined) return { same: ALL, maybe: ALL };
  const width = family === 4 ? 4 : 16;
  if (address.kind === 'prefix') {
    const node = maskedNode(
      diagram,
      side,
      digitsOf(address.mask, width),
      digitsOf(address.value, width),
      ALL,
    );
    return { same: node, maybe: node };
  }
  const values: Ranges<number> | Ranges<bigint> =
    family === 4 ? [Number(address.lo), Number(address.hi)] : [address.lo, address.hi];
  const node = rangesNode(diagram, side, values, ALL, width);
  return { same: address.lo === address.hi ? node : NONE, maybe: node };
}
