import type { WitnessPacket } from '../../finding/report.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { bitsOf } from '../../packet/layout.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { normalise, type Ranges } from '../../packet/ranges.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { type Bounds, boundsBetween, boundsOfNeeds, usualPackets } from '../../symbolic/bounds.ts';
import { IDENTITY, Transform } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import { type HookView, hookView } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * What a packet on the loopback interface still has where it comes in of what rules gave it on its way out: its mark, its
 * connection's, TOS and TTL. drivers/net/loopback.c hands the same socket buffer on, and nf_conntrack_in leaves what has a
 * connection as it is; so seen on 6.18, with counters of rules in INPUT.
 */
const CARRIED = ['mark', 'ctmark', 'tos', 'ttl'] as const;

/** Packets of the loopback interface where they come in, with what rules gave them on their way out. */
export interface Carried {
  /** Packets with these values, which boxes do not have. */
  readonly values: Node;
  /** What becomes of them; a first packet's connection has a mark there. */
  readonly hook: HookView;
  /** The same packets as they left. */
  readonly left: Node;
}

/** What comes in by the loopback interface, of first packets too with any mark of their connection's. */
export function arrivalsOf(view: FamilyView, analysis: Analysis): HookView {
  return kept(ARRIVALS, analysis, () => {
    const all = view.diagram.and(analysis.entry(), view.loopback('in'));
    // A new connection has no mark yet, but for that which rules gave it on its way out.
    const marked = analysis.scope.state === 'new' && analysis.surroundings.usesConnectionMark;
    const passage = analysis.pass(marked ? view.project(all, ['ctmark']) : all);
    return hookView('input', analysis, { passage, unsure: NONE }, usualPackets(view.diagram));
  });
}

const ARRIVALS = new WeakMap<Analysis, HookView>();

/** Of what was done to a packet, what rules ask for where it comes in; IDENTITY where they ask for nothing of it. */
export function carriedOf(view: FamilyView, analysis: Analysis, transform: Transform): Transform {
  const changed = CARRIED.filter((field) => transform[field] !== undefined || transform.forgotten.has(field));
  if (changed.length === 0) return IDENTITY;
  const asked = askedOf(view, analysis);
  const fields = changed.filter((field) => (asked & bitsOf([field])) !== 0);
  if (fields.length === 0) return IDENTITY;
  const forgotten = new Set(fields.filter((field) => transform.forgotten.has(field)));
  const values = Object.fromEntries(fields.map((field) => [field, transform[field]]));
  return new Transform({ ...values, forgotten });
}

/** The fields that decide what comes in by the loopback interface, as bits. */
function askedOf(view: FamilyView, analysis: Analysis): number {
  return kept(ASKED, analysis, () => {
    const { accept, deny, gone } = arrivalsOf(view, analysis).passage;
    const sets = [deny, gone, ...accept.map(({ set }) => set)];
    return sets.reduce((bits, set) => bits | view.diagram.fields(set), 0);
  });
}

const ASKED = new WeakMap<Analysis, number>();

/** Bounds, as packets leave, of those that then pass where they come in with what they carry. */
export function boundsCarrying(
  view: FamilyView,
  analysis: Analysis,
  transform: Transform,
  begun: Node,
): Bounds {
  const { diagram } = view;
  const { accept, deny, gone } = arrivalsOf(view, analysis).passage;
  const before = (nodes: readonly Node[]): Node =>
    view.project(diagram.and(beforeLoopback(view, diagram.orAll(nodes), transform), begun), ['in']);
  const passing = before(accept.map(({ set }) => set));
  return boundsOfNeeds(boundsBetween(diagram, passing, before([deny, gone]), usualPackets(diagram)));
}

/** Packets as they were before rules on the way out made this of them. */
export function beforeLoopback(view: FamilyView, node: Node, transform: Transform): Node {
  return view.hook('output', 'new').analysis.pre(node, transform);
}

/** The mark of its connection that a packet in the state begins its way out with. */
export function begunWith(view: FamilyView, analysis: Analysis): Node {
  const isNew = analysis.scope.state === 'new' && analysis.surroundings.usesConnectionMark;
  return isNew ? view.field('ctmark', [0, 0]) : ALL;
}

/**
 * Packets with what the transform leaves in those that begin their way out without a mark.
 *
 * @param begun the mark of their connection then; undefined: nobody knows
 */
export function carrying(view: FamilyView, transform: Transform, begun: number | undefined): Node {
  const { mark, ctmark, tos, ttl, forgotten } = transform;
  const parts: Node[] = [];
  const one = (field: 'mark' | 'ctmark', value: number | undefined): void => {
    if (value !== undefined && !forgotten.has(field)) parts.push(view.field(field, [value, value]));
  };
  if (mark !== undefined) one('mark', mixed(begun, mark.take, mark.xor));
  if (ctmark !== undefined) one('ctmark', mixed(begun, ctmark.keep, ctmark.xor));
  for (const [field, table] of [
    ['tos', tos],
    ['ttl', ttl],
  ] as const)
    if (table !== undefined && !forgotten.has(field)) parts.push(view.field(field, valuesOf(table)));
  return view.all(...parts);
}

/** What the witness of a finding about the loopback interface comes in with. */
export function carriedAs(view: FamilyView, state: ConnectionState, witness: WitnessPacket): Carried {
  const { mark = 0, ctmark, tos, ttl } = witness;
  const begun = ctmark ?? (state === 'new' ? 0 : undefined);
  const values = { mark, ctmark: begun, tos, ttl };
  const parts = CARRIED.flatMap((field) => {
    const value = values[field];
    return value === undefined ? [] : [view.field(field, [value, value])];
  });
  return {
    values: view.all(...parts),
    hook: arrivalsOf(view, view.hook('input', state).analysis),
    left: NONE,
  };
}

/** Bits of the connection's mark, then changed. */
function mixed(mark: number | undefined, bits: number, xor: number): number | undefined {
  if (mark === undefined && bits !== 0) return undefined;
  return (((mark ?? 0) & bits) ^ xor) >>> 0;
}

function valuesOf(table: Uint8Array): Ranges {
  return normalise([...new Set(table)].map((value) => [value, value] as const));
}
