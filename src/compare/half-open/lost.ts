import { type Node, NONE } from '../../packet/diagram.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { unchanged } from '../../symbolic/translation/translation.ts';
import { type Answer, answeredBy, FIRST_ANSWER } from './answers.ts';
import { readdressed } from './sources.ts';
import { type Sent, THIRD } from './third.ts';
import { add, changeOf, chooses, keptOut, note, type Stopped, type Way } from './way.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { mirrored } from './mirror.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * Replies that conntrack does not see keep the source that the translation gave the first packet as its destination: whoever sent that
 * knows of no such connection (nf_nat_packet() is for tracked packets alone). Tried in the kernel. Where the packet went there anyway,
 * nothing is lost.
 *
 * @param unseen first packets with such replies
 */
export function lostAnswers(
  view: FamilyView,
  way: Way,
  unseen: Node,
  hook: FlowHook,
  moved: Flow,
  answer: Answer = FIRST_ANSWER,
): void {
  const { destination } = moved.transform;
  if (unseen === NONE || destination === undefined) return;
  const [surely, perhaps] = sentElsewhere(view, unseen, destination, 'input');
  lose(view, way, [surely, perhaps], hook, moved, answer, {
    ...(chooses(moved) ? { choice: true } : {}),
    ...(destination.address?.kind === 'local' ? { redirected: true } : {}),
  });
}

/** The same of replies to another source than the sender has: nothing gives them that back. */
export function lostBySource(
  view: FamilyView,
  way: Way,
  unseen: Node,
  [came, hook]: readonly [FlowHook, FlowHook],
  moved: Flow | undefined,
  answer: Answer = FIRST_ANSWER,
): void {
  const { must, may } = unseen === NONE ? { must: NONE, may: NONE } : readdressed(view, came, unseen);
  lose(view, way, [must, view.diagram.difference(may, must)], hook, moved, answer, { choice: true });
}

/** Tells replies that come back and are nobody's. */
function lose(
  view: FamilyView,
  way: Way,
  [surely, perhaps]: readonly [Node, Node],
  hook: FlowHook,
  moved: Flow | undefined,
  { what, tcpFlags }: Answer,
  why: Pick<Stopped, 'choice' | 'redirected'>,
): void {
  add(view, way, surely, perhaps);
  const where = { what, hook, state: 'established', tcpFlags, changed: changeOf(moved), ...why } as const;
  const answers = (packets: Node): Node =>
    packets === NONE ? NONE : mirrored(view, answeredBy(view, packets, moved));
  note(way, where, answers(surely), answers(perhaps));
}

/** First packets that a translation surely sends elsewhere than they went, and others that it may. */
export function sentElsewhere(
  view: FamilyView,
  packets: Node,
  destination: Translation,
  hook: 'input' | 'output',
): readonly [surely: Node, perhaps: Node] {
  const { diagram, family, ruleset } = view;
  const { same, maybe } = unchanged(
    diagram,
    { ...destination, what: 'dnat' },
    undefined,
    { family, hook },
    ruleset.host,
  );
  return [diagram.difference(packets, diagram.or(same, maybe)), diagram.and(packets, maybe)];
}

/**
 * What follows a first packet whose connection is translated, and is kept out of tracking itself (by its flags, say), is not translated: it
 * goes to where the first one was sent, or comes from where that came from, and nobody there knows it. Tried in the kernel.
 */
export function lostOnward(
  view: FamilyView,
  way: Way,
  packets: Node,
  hook: FlowHook,
  moved: Flow | undefined,
  { what, tcpFlags }: Sent = THIRD,
): void {
  const { diagram } = view;
  const where = { what, hook, state: 'established', tcpFlags, changed: changeOf(moved) } as const;
  const analysis = view.analysis(hook, 'established', tcpFlags, true, changeOf(moved));
  if (packets === NONE || !analysis.surroundings.hasNotrack) return;
  const { accept } = analysis.pass(diagram.and(analysis.entry(), packets));
  const unseen = diagram.and(packets, keptOut(diagram, accept));
  if (unseen === NONE) return;
  const source = readdressed(view, hook, unseen);
  const destination = moved?.transform.destination;
  const [surely, perhaps] =
    destination === undefined ? [NONE, NONE] : sentElsewhere(view, unseen, destination, 'input');
  const definite = diagram.or(source.must, surely);
  const possible = diagram.difference(diagram.or(source.may, perhaps), definite);
  add(view, way, definite, possible);
  note(way, { ...where, choice: true }, definite, possible);
}
