import type { ResolvedHost } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { boundsOf, translatedBounds, usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import { translatedParts } from '../rows/translated-parts.ts';
import type { FamilyView } from '../view/view.ts';
import type { DocumentedWays } from './documented-ways.ts';
import { judgedPackets, publishedPackets, toEveryAddress } from './judged-packets.ts';

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

/**
 * Packets that chance lets in or sends on, that pass both ways, and that no row documents either way: they surely pass, and are told once,
 * at input, though either hook has them as possible.
 */
export function inOrSentOn(view: FamilyView, host: ResolvedHost, ways: DocumentedWays): Node {
  const { diagram } = view;
  const { passage } = view.hook('input');
  const judged = judgedPackets(view, host.baselines, 'in');
  if (passage.gone === NONE || judged === NONE) return NONE;
  const forward = view.hook('forward');
  const sent = visibleOf(diagram, passage.gone, usualPackets(diagram));
  const through = view.sentOn(translatedBounds(diagram, forward.passage).must);
  const both = view.all(judged, boundsOf(diagram, passage).must, sent, through);
  if (both === NONE) return NONE;
  const documented = [
    ways.of(['in'], []),
    ...translatedParts(view, forward).map(({ flows }) => ways.of(['in', 'forward'], flows)),
  ];
  const sets = documented.flatMap(({ all, undecided, sentAway }) => [all, undecided, sentAway]);
  return diagram.difference(both, diagram.orAll(sets));
}
