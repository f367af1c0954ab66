import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets, within } from '../../packet/relations.ts';
import { boundsOf, boundsOfNeeds, usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import { ownAddresses } from '../../symbolic/conditions/address-types.ts';
import { mirrored } from '../half-open/mirror.ts';
import { beforeOutputs, decidesBefore, isEarlyAtOutput } from '../half-open/sources.ts';
import { anyNeed } from '../required/any-need.ts';
import type { InFamily } from '../required/families-disagree.ts';
import { type FamilyView, SYN_ACK } from '../view/view.ts';
import { givesZones, zonesOf } from '../view/zone-views.ts';
import { changes, translatesSources } from './given-sources.ts';
import { keptUntracked, sentAway } from './loopback.ts';

/**
 * Why a row about the loopback interface that is satisfied may be none in truth: what rules do there to its packets is not followed.
 * With the source that nat's postrouting gives them (`-j MASQUERADE` without `-o`) they may be closed; and what nat's output sends to another
 * machine does not come in by the loopback interface at all.
 */
export function notFollowed(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  if (row.direction !== 'loopback' || !row.states.includes('new')) return undefined;
  if (anyNeed(families, namesPorts(row) ? isSentAway : isSentWhole)) return SENT_AWAY;
  if (anyNeed(families, getsForeign)) return FOREIGN_SOURCE;
  if (anyNeed(families, stopsWithAnother)) return OTHER_SOURCE;
  return anyNeed(families, mayChangeZones) ? OTHER_ZONE : undefined;
}

/**
 * What of a row about any port that is satisfied does not come in: rules send some ports elsewhere, as kube-proxy does with those of
 * its services (KUBE-NODEPORTS), which is no fault of the row's.
 */
export function somePortsSentAway(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  if (row.direction !== 'loopback' || !row.states.includes('new') || namesPorts(row)) return undefined;
  return anyNeed(families, isSentAway) ? SOME_SENT_AWAY : undefined;
}

const namesPorts = ({ all, choices }: ResolvedRow): boolean =>
  [...all, ...choices.flat()].some(({ ports }) => ports !== undefined);

const isSentAway = (view: FamilyView, open: Node): boolean => meets(view.diagram, open, sentAway(view));

/** Whether every port is sent away somewhere. */
function isSentWhole(view: FamilyView, open: Node): boolean {
  const rest = view.diagram.difference(open, sentAway(view));
  return view.project(rest, ['dport']) !== view.project(open, ['dport']);
}

const OTHER_SOURCE =
  'rules of nat’s postrouting give what leaves by the loopback interface another source, with which it does not surely come in: except `lo` there (`! -o lo`), or accept `-i lo` whatever the source is';
const FOREIGN_SOURCE =
  'rules of nat’s postrouting give what leaves by the loopback interface an address that is not the host’s by `ip -j addr`, and what is sent back to that leaves for another machine: except `lo` there (`! -o lo`)';
const OTHER_ZONE =
  'rules of nat’s postrouting give what leaves by the loopback interface another source, and what is sent back to that may be looked up in another conntrack zone: except `lo` there (`! -o lo`), or from the rules that give zones';
const SENT_AWAY =
  'rules of nat’s output send it to an address that is not known to be the host’s: another machine answers a loopback address only behind masquerading, and where `route_localnet` is on';
const SOME_SENT_AWAY =
  'what is sent to some ports does not come in by the loopback interface: rules of nat’s output send it to an address that is not known to be the host’s';

function stopsWithAnother(view: FamilyView, open: Node): boolean {
  if (!translatesSources(view.ruleset)) return false;
  if (answersGetAnother(view, open)) return true;
  // With whatever source: so it is wherever `lo` is let in as such.
  if (!stops(view, open, view.familyNode)) return false;
  return changes(view).some(({ packets, sources }) => stops(view, view.diagram.and(open, packets), sources));
}

/** Whether what is sent back to another source may get another zone than its connection where it leaves. Tried in the kernel. */
function mayChangeZones(view: FamilyView, open: Node): boolean {
  if (!translatesSources(view.ruleset) || zonesOf(view).views.length === 0 || !givesZones(view, 'output'))
    return false;
  return changes(view).some(({ packets }) => meets(view.diagram, open, packets));
}

/** Whether conntrack takes what is sent back for the connection's first packet, and rules give that another source: nobody takes it for an answer. */
function answersGetAnother(view: FamilyView, open: Node): boolean {
  const { diagram } = view;
  const untracked = diagram.and(open, keptUntracked(view, view.hook('output', 'new').passage.accept));
  if (untracked === NONE) return false;
  const answers = mirrored(view, untracked);
  return changes(view).some(({ packets }) => meets(diagram, answers, packets));
}

/**
 * Whether they may get an address that `ip -j addr` does not give the host: what is sent back to that leaves for another machine, with a
 * loopback address at which it ends (net/ipv4/route.c, __mkroute_output). Seen on 6.18.
 */
function getsForeign(view: FamilyView, open: Node): boolean {
  const { diagram, family } = view;
  const { host } = view.ruleset;
  if (host === undefined || !translatesSources(view.ruleset)) return false;
  const own = view.field('src', ownAddresses(host, family));
  return changes(view).some(
    ({ packets, sources }) => meets(diagram, open, packets) && !within(diagram, sources, own),
  );
}

/** Whether packets of connections may stop where they come in with one of the sources, as first packets or later, or what is sent back to it. */
function stops(view: FamilyView, packets: Node, sources: Node): boolean {
  const come = view.all(view.project(packets, ['src']), sources, view.familyNode, view.loopback('in'));
  const closed = (['new', 'established'] as const).some((state) => {
    const { must } = boundsOfNeeds(view.hook('input', state).bounds);
    return view.diagram.difference(come, must) !== NONE;
  });
  return closed || answersStop(view, come);
}

/**
 * Replies go to the other source until nat's output gives them their own destination again (NF_IP_PRI_NAT_DST of
 * net/netfilter/nf_nat_proto.c): the chains before it see them so, and what they keep out of connection tracking keeps it. Seen on 6.18.
 */
function answersStop(view: FamilyView, come: Node): boolean {
  if (come === NONE || !decidesBefore(view.ruleset, isEarlyAtOutput)) return false;
  const { diagram } = view;
  const analysis = beforeOutputs(view).analysis('output', 'established', SYN_ACK, false, 'no');
  const leaving = view.all(view.project(mirrored(view, come), ['in', 'out']), view.loopback('out'));
  const passage = analysis.pass(diagram.and(analysis.entry(), leaving));
  const { must } = boundsOf(diagram, passage);
  const entered = visibleOf(diagram, passage.entry, usualPackets(diagram));
  const lost = diagram.orAll(
    passage.accept.filter(({ transform }) => transform.notrack).map(({ set }) => set),
  );
  return (
    diagram.difference(entered, must) !== NONE || visibleOf(diagram, lost, usualPackets(diagram)) !== NONE
  );
}
