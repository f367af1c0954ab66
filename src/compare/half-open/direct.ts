import { type Node, NONE } from '../../packet/diagram.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { mayBeBridge } from '../../rule/bridges.ts';
import { answeredBy } from './answers.ts';
import { readdressed } from './sources.ts';
import { add, changeOf, note, type Way } from './way.ts';
import { linkOf, named } from '../addresses/links.ts';
import { mirrored } from './mirror.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

/**
 * Connections that a rule sends back to a machine of the link that they came from, as the clients have them that use a public address of
 * their own site. The machine answers its neighbour directly, with its own address, which that knows no connection with (RFC 3022,
 * section 2.1: both directions have to go through the same translator). A source of the host's brings replies back. Tried in the kernel.
 *
 * What goes from port to port of a bridge comes through the host, and conntrack gives it its source back where `bridge-nf-call-iptables`
 * is on (net/bridge/br_netfilter_hooks.c), as Docker and Kubernetes need it. Tried in the kernel.
 */
export function answeredDirectly(view: FamilyView, way: Way, moved: Flow | undefined): void {
  const link = linkOf(view, moved?.transform.destination?.address);
  if (link === undefined) return;
  const { diagram } = view;
  const source = view.field('src', inFamily(view.family, link.lo, link.hi));
  const neighbours = view.all(way.first, source, named(view, 'in', link.interfaces));
  if (neighbours === NONE) return;
  // They leave by the link; a box of an inbound row does not say so.
  const { must, may } = readdressed(
    view,
    'forward',
    diagram.and(neighbours, named(view, 'out', link.interfaces)),
  );
  const bridged = link.interfaces.some((name) => mayBeBridge(name, view.ruleset.host));
  const surely = bridged ? NONE : diagram.difference(neighbours, view.project(may, ['out']));
  const perhaps = diagram.difference(neighbours, diagram.or(surely, view.project(must, ['out'])));
  add(view, way, surely, perhaps);
  const where = { ...DIRECT_ANSWER, changed: changeOf(moved) };
  const answers = (packets: Node): Node => directAnswers(view, packets, moved);
  note(way, where, answers(surely), NONE);
  const why = bridged ? ({ bridged } as const) : ({ oneWay: true } as const);
  note(way, { ...where, ...why }, NONE, answers(perhaps));
}

/** What goes from one machine to the other past the host. */
export const DIRECT_ANSWER = {
  what: 'reply',
  hook: 'forward',
  state: 'established',
  tcpFlags: SYN_ACK,
  direct: true,
} as const;

/** The replies of these first packets, which the host does not see. */
export const directAnswers = (view: FamilyView, packets: Node, moved: Flow | undefined): Node =>
  packets === NONE ? NONE : mirrored(view, answeredBy(view, packets, moved));
