import { ALL, type Diagram, type Node, NONE } from '../../packet/diagram.ts';
import { type ConnectionState, icmpProtocol } from '../../packet/packet.ts';
import { within } from '../../packet/relations.ts';
import type { Analysis } from '../../symbolic/analysis.ts';
import { usualPackets, visible, visibleOf } from '../../symbolic/bounds.ts';
import { seenToTakeAll } from '../../symbolic/chains/takes-all.ts';
import type { Changed } from '../../symbolic/scope.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';
import { takesOneOf } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets of a connection that stop, and where. */
export interface Stopped {
  readonly what: 'reply' | 'third packet' | 'data that comes back' | 'data that is sent';
  readonly hook: FlowHook;
  readonly state: ConnectionState;
  readonly tcpFlags: number;
  /** Whether a rule gave the connection's first packet another destination. */
  readonly changed: Changed;
  readonly packets: Node;
  /** Whether they surely stop. */
  readonly definite: boolean;
  /** Where the first packet goes another way, which the config does not decide alone, its connection does not stop so. */
  readonly oneWay?: true;
  /** The translation takes one of several addresses or ports. */
  readonly choice?: true;
  /** The host's address, which nobody gives, decides whether there is a translation to be undone. */
  readonly redirected?: true;
  /** Conntrack looks it up in another zone than that of its connection, or may do so. */
  readonly zoned?: true;
  /** It passes by another interface than that of its link. */
  readonly routed?: true;
  /** Which interface brings it only the host's routes tell. */
  readonly byAny?: true;
  /** It goes to its receiver directly, past the host. */
  readonly direct?: true;
  /** Whether it does depends on whether both machines are on one link, which nobody tells. */
  readonly neighbour?: true;
  /** It does so by a bridge, which may pass it through the host's rules. */
  readonly bridged?: boolean;
  /** It is a reply with the destination that a translation gave it back. */
  readonly behindTranslation?: true;
  /** It is a reply with the source that nat's postrouting gave it back. */
  readonly last?: true;
  /** What rules keep out of connection tracking, so that conntrack does not know this one for what it is. */
  readonly unseen?: Unseen | undefined;
}

/** Packets of a connection that conntrack does not see. */
export type Unseen = Pick<Stopped, 'what' | 'hook' | 'state' | 'tcpFlags' | 'changed' | 'packets'>;

/** A way that first packets of a row go: what rules make of them, and what becomes of the rest of their connections then. */
export interface Way {
  /** First packets that go this way, or can. */
  readonly first: Node;
  definite: Node;
  possible: Node;
  readonly stopped: Stopped[];
}

/** What connections are followed with. */
export interface Followed {
  readonly view: FamilyView;
  readonly way: Way;
  /** Where their first packets go, and what is sent back. */
  readonly hooks: readonly [FlowHook, FlowHook];
  /** Those that a rule sends elsewhere; undefined: none does. */
  readonly moved: Flow | undefined;
}

/** A way whose connections nothing stops yet. */
export const newWay = (first: Node): Way => ({ first, definite: NONE, possible: NONE, stopped: [] });

/** Whether a rule gave first packets another destination that go the one way where one translates it, or any other way. */
export const changeOf = (moved: Flow | undefined): Changed => moved?.transform.destination?.changed ?? 'no';

/** Packets of connections with the mark; undefined: with any. */
export const markedSo = (view: FamilyView, mark: number | undefined): Node =>
  mark === undefined ? ALL : view.field('ctmark', [mark, mark]);

/** Whether the kernel takes one of several addresses or ports for the destination. */
export function chooses({ transform: { destination } }: Flow): boolean {
  return destination !== undefined && takesOneOf(destination);
}

/**
 * Whether every packet of the analysis's scope passes, whatever the unmodelled matches do: then so do those of each row, and no
 * row needs to be looked at. Most rule sets accept what is established before anything else.
 */
export function takesEverything(analysis: Analysis): boolean {
  return kept(TAKING, analysis, () => seenToTakeAll(analysis) || sendsAll(analysis));
}

function sendsAll(analysis: Analysis): boolean {
  const entry = analysis.entry();
  const { accept, deny } = analysis.pass(entry);
  return deny === NONE && analysis.diagram.orAll(accept.map(({ set }) => set)) === entry;
}

const TAKING = new WeakMap<Analysis, boolean>();

/** Whether the packets are of the family and told apart by fields of boxes alone, so that no other field makes one of them pass or stop. */
export function concernsBoxesOnly(view: FamilyView, packets: Node): boolean {
  return visible(view.diagram, packets) === packets && within(view.diagram, packets, view.familyNode);
}

/**
 * First packets by what conntrack makes of a reply whose connection it does not know. A SYN-ACK, an INIT ACK of SCTP and an answer of ICMP
 * begin none: they are invalid (tcp_conntracks: from sNO to sIV; nf_conntrack_proto_sctp.c, sctp_new; nf_conntrack_proto_icmp.c and
 * _icmpv6.c, `valid_new`). Others begin one. Tried in the kernel.
 */
export function byUnknownReply(
  view: FamilyView,
  packets: Node,
): { readonly invalid: Node; readonly new: Node } {
  const of = (protocol: number): Node => view.field('protocol', [protocol, protocol]);
  const beginNothing = view.diagram.orAll([TCP, SCTP, icmpProtocol(view.family)].map(of));
  return {
    invalid: view.diagram.and(packets, beginNothing),
    new: view.diagram.difference(packets, beginNothing),
  };
}

const TCP = 6;
/** Of SCTP an INIT alone begins a connection for conntrack. */
export const SCTP = 132;

/** Whether what the handshake has met may be something else for the data behind it. */
export const asksFlags = ({ ruleset }: FamilyView): boolean => surroundingsOf(ruleset).asksFlags;

/** Whether the packets go the way of a connection's first one. */
export const goesOn = ({ what }: Pick<Stopped, 'what'>): boolean =>
  what === 'third packet' || what === 'data that is sent';

/** Keeps which packets stop, surely or perhaps. */
export function note(
  result: { stopped: Stopped[] },
  packet: Omit<Stopped, 'packets' | 'definite'>,
  stopped: Node,
  doubtful: Node,
): void {
  if (stopped !== NONE) result.stopped.push({ ...packet, packets: stopped, definite: true });
  if (doubtful !== NONE) result.stopped.push({ ...packet, packets: doubtful, definite: false });
}

/** Counts first packets whose connections stop so, surely or perhaps. */
export function add(view: FamilyView, way: Way, definite: Node, possible: Node): void {
  way.definite = view.diagram.or(way.definite, definite);
  way.possible = view.diagram.difference(view.diagram.or(way.possible, possible), way.definite);
}

/** Packets that rules keep out of connection tracking. What chance lets conntrack see or not is looked at as if it did. */
export function keptOut(diagram: Diagram, flows: readonly Flow[]): Node {
  const usual = usualPackets(diagram);
  const part = (notrack: boolean): Node =>
    diagram.orAll(
      flows
        .filter(({ transform }) => transform.notrack === notrack)
        .map(({ set }) => visibleOf(diagram, set, usual)),
    );
  return diagram.difference(part(true), part(false));
}
