import { toDestination } from '../rows/translated-parts.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { visible } from '../../symbolic/bounds.ts';
import { byDestination, redirectAddress } from '../../symbolic/translation/redirect.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { answeredFrom, isSentOn } from './rerouted.ts';
import { mirrored, translatedSet } from './mirror.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';

/** A packet that is sent back: the first one, or what comes behind the handshake of TCP. */
export interface Answer {
  readonly what: 'reply' | 'data that comes back';
  readonly tcpFlags: number;
}

/** The answer to the first packet. */
export const FIRST_ANSWER: Answer = { what: 'reply', tcpFlags: SYN_ACK };

/** First packets as those have them that answer: with the destination of a translation. */
export function answeredBy(view: FamilyView, packets: Node, moved: Flow | undefined): Node {
  const leaving = moved === undefined ? packets : view.diagram.and(packets, visible(view.diagram, moved.set));
  const destination = moved?.transform.destination;
  if (destination === undefined) return packets;
  if (destination.address?.kind !== 'local') return translatedSet(view, leaving, destination, true);
  const { diagram, family, ruleset } = view;
  const link = byDestination(diagram, family, (ofLink) => (ofLink ? ALL : NONE));
  // REDIRECT gives one address of the interface by which they come.
  const redirected = ([false, true] as const).map((ofLink): Node => {
    const some = ofLink ? diagram.and(leaving, link) : diagram.difference(leaving, link);
    const given = redirectAddress(diagram, 'dst', { hook: 'input', family }, ruleset.host, undefined, ofLink);
    return some === NONE
      ? NONE
      : diagram.and(translatedSet(view, some, destination, true), visible(diagram, given));
  });
  return diagram.orAll(redirected);
}

/** First packets that are answered so. */
export function firstOf(
  view: FamilyView,
  came: FlowHook,
  first: Node,
  moved: Flow | undefined,
  answers: Node,
): Node {
  if (answers === NONE) return NONE;
  if (moved === undefined) return answeredFrom(view, came, first, answers);
  return view.diagram.and(first, arrivedAs(view, came, moved, mirrored(view, answers)));
}

/** First packets of a flow, as they arrive, that are in the set once their destination is translated. */
function arrivedAs(view: FamilyView, hook: FlowHook, { transform, set }: Flow, translated: Node): Node {
  const { diagram } = view;
  const { destination } = transform;
  // What the host sends leaves by the interface of its first route, as the chains of output see it, and is answered by another.
  const whole = hook === 'output' && isSentOn(transform) ? view.project(translated, ['out']) : translated;
  const before = view.hook(hook, 'new').analysis.pre(whole, toDestination(destination));
  return view.project(visible(diagram, diagram.and(set, before)), hook === 'forward' ? ['out'] : []);
}
