import type { ResolvedHost } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { translatedParts } from '../rows/translated-parts.ts';
import type { FamilyView } from '../view/view.ts';
import { publishedPackets, toEveryAddress } from './judged-packets.ts';

/**
 * Packets that come in and that a rule surely sends on, by ways that forward surely lets pass. Where nobody gave the host's addresses
 * they may come in by input as well, which then says nothing new of them: they are told once, for certain, at forward.
 *
 * @param ofPart of what surely passes one way, what is told there
 */
function sentOn(view: FamilyView, ofPart: (must: Node) => Node, state: ConnectionState = 'new'): Node {
  const forward = view.hook('forward', state);
  if (forward.translated.flows.length === 0 || view.hook('input', state).unsure === NONE) return NONE;
  const sure = translatedParts(view, forward).map(({ bounds: { must } }) => ofPart(must));
  return view.sentOn(view.diagram.orAll(sure));
}

/** Those that are excess at forward, where nothing documents them. */
export function surelySentOn(view: FamilyView, host: ResolvedHost): Node {
  const { packets, known } = publishedPackets(view, host);
  if (packets === NONE) return NONE;
  return sentOn(view, (must) => view.all(must, packets, known ? must : toEveryAddress(view, must)));
}

/** Those of a state that a prohibition is about at forward. */
export function forbiddenAndSentOn(view: FamilyView, forbidden: Node, state: ConnectionState): Node {
  return sentOn(view, (must) => view.diagram.and(must, forbidden), state);
}
