import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { meets } from '../../packet/relations.ts';
import { amongMachines, WHICH_MACHINE } from '../addresses/itself.ts';
import { SERVED_ELSEWHERE } from './astray.ts';
import type { FamilyCheck } from '../view/family-check.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { Carried } from '../loopback/carried.ts';
import { UNFOLLOWED, unfollowed } from '../loopback/loopback.ts';
import { lostByChance, offTheirLinks, routed } from '../addresses/links.ts';
import { SENT_HERE } from '../rows/published-needs.ts';
import { CHOSEN, TRANSLATED } from '../rows/translated-parts.ts';
import { passingIfItIsTheHost, TAKES_OWN, TRANSLATED_TO_HOST } from './unknown-ways.ts';
import { flagsIn } from '../view/view.ts';
import { witnessOf } from '../finding/witness.ts';

/** Closed packets of a row, of one state, that stop at one hook. */
export interface Stop {
  readonly row: ResolvedRow;
  readonly hook: FlowHook;
  readonly state: ConnectionState;
  readonly packets: Node;
  readonly definite: boolean;
  readonly carried?: Carried;
}

/** What the interpreter does not say that it depends on whether packets pass which may come in or be forwarded. */
export function openQuestions(check: FamilyCheck, stop: Stop): readonly string[] {
  const { row, hook, state, packets, definite } = stop;
  if (definite) return [];
  const isUnfollowed = row.direction === 'loopback' && state === 'new';
  if (isUnfollowed && meets(check.view.diagram, packets, unfollowed(check.view))) return [UNFOLLOWED];
  if (
    row.direction !== 'loopback' &&
    meets(check.view.diagram, packets, amongMachines(check.view, check.host))
  )
    return [WHICH_MACHINE];
  if (check.sets.callingFor(row, packets) !== NONE) return [SENT_HERE];
  if (check.passingElsewhere(row, state, packets) !== NONE) return [routed(check.view)];
  if (byChance(check, stop) !== NONE) return [CHOSEN];
  if (row.direction !== 'in') return sentAway(check, stop) === NONE ? [] : [SERVED_ELSEWHERE];
  const { translated } = check.rowView(row, 'forward', state);
  if (check.view.diagram.and(packets, offTheirLinks(check.view, translated)) !== NONE) {
    const { may } = check.rowView(row, 'input', state).plain.bounds;
    const mayStay = check.view.diagram.and(packets, may) !== NONE;
    return mayStay ? [TRANSLATED, routed(check.view)] : [routed(check.view)];
  }
  if (hook === 'input') return elsewhere(check, stop);
  const here = passingIfItIsTheHost(check.view, check.rowView(row, 'input', state), packets);
  return here === NONE ? [] : [TRANSLATED_TO_HOST];
}

/** Packets that chance sends to a link by whose interface they do not pass. */
function byChance(check: FamilyCheck, { row, state, packets }: Stop): Node {
  if (row.direction !== 'in' && row.direction !== 'forward') return NONE;
  const { view } = check;
  const { translated } = check.rowView(row, 'forward', state);
  return view.diagram.and(packets, lostByChance(view, translated, translated.bounds.must));
}

function sentAway({ view, sets }: FamilyCheck, { row, hook, state, packets }: Stop): Node {
  const at = view.hook(hook, state);
  return view.diagram.and(packets, sets.astray.sentAway(row, at, at.translated.flows));
}

/**
 * What decides whether packets that are closed at input pass all the same, because a rule translates them and they are
 * forwarded: their witness goes to input, and shows nothing of it.
 */
function elsewhere({ view, make }: FamilyCheck, { state, packets }: Stop): readonly string[] {
  const { diagram } = view;
  const { translated, unsure } = view.hook('forward', state);
  const away = diagram.and(packets, view.offLoopback('out'));
  const passing = translated.flows.map(({ set }) => diagram.and(away, set));
  const forwarded = witnessOf(view, diagram.orAll(passing), {
    hook: 'forward',
    state,
    tcpFlags: flagsIn(state),
  });
  if (forwarded === undefined) return [];
  const either = diagram.and(packets, unsure) === NONE ? [] : [TAKES_OWN];
  const found = [...make.replay.depends(forwarded.packet), ...forwarded.matters, ...either];
  // Its verdict at either hook says nothing of what sends it there.
  return either.length > 0 ? found : [...found, TRANSLATED];
}
