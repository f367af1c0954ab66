import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { boundsOfNeeds, usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { kept } from '../../text/kept.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';
import { keptSources } from '../half-open/kept-sources.ts';
import { telling } from '../half-open/sources.ts';
import { remembered } from '../view/remembered.ts';
import type { RowJudgement } from '../required/judgement.ts';
import type { FamilyView } from '../view/view.ts';

/** A row in one family. */
interface InFamily {
  readonly check: { readonly view: FamilyView };
  readonly judgement: RowJudgement;
}

/**
 * Why a row about the loopback interface that is satisfied may be none in truth: its packets come in with the source that nat's postrouting
 * gave them (`-j MASQUERADE` without `-o`), and with that they may be closed. Their replies have their own destination again before OUTPUT's
 * filter (NF_IP_PRI_NAT_DST of net/netfilter/nf_nat_proto.c). Both seen on 6.18.
 */
export function getsAnotherSource(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  if (row.direction !== 'loopback' || !row.states.includes('new')) return undefined;
  const isLost = families.some(({ check: { view }, judgement }) =>
    judgement.needs.some(({ open }) => stopsWithAnother(view, open)),
  );
  return isLost ? REASON : undefined;
}

const REASON =
  'rules of nat’s postrouting give what leaves by the loopback interface another source, with which it does not surely come in: except `lo` there (`! -o lo`), or accept `-i lo` whatever the source is';

function stopsWithAnother(view: FamilyView, open: Node): boolean {
  // With whatever source: so it is wherever `lo` is let in as such.
  if (!translatesSources(view.ruleset) || !stops(view, open, view.familyNode)) return false;
  return changes(view).some(({ packets, sources }) => stops(view, view.diagram.and(open, packets), sources));
}

const translatesSources = remembered(({ chains }: Ruleset): boolean =>
  chains.some(({ rules }) =>
    rules.some(({ actions }) => actions.some((one) => one.kind === 'translate' && one.what === 'snat')),
  ),
);

/** Whether packets of connections may stop where they come in with one of the sources, as first packets or later. */
function stops(view: FamilyView, packets: Node, sources: Node): boolean {
  const come = view.all(view.project(packets, ['src']), sources, view.familyNode, view.loopback('in'));
  return (['new', 'established'] as const).some((state) => {
    const { must } = boundsOfNeeds(view.hook('input', state).bounds);
    return view.diagram.difference(come, must) !== NONE;
  });
}

/** First packets on the loopback interface that may get another source, and the sources that they may then have. */
interface Change {
  readonly packets: Node;
  readonly sources: Node;
}

const changes = (view: FamilyView): readonly Change[] => kept(KNOWN, view, () => changesOf(view));

const KNOWN = new WeakMap<FamilyView, readonly Change[]>();

function changesOf(view: FamilyView): readonly Change[] {
  const { diagram } = view;
  return telling(view)
    .hook('output', 'new')
    .passage.accept.flatMap(({ set, transform: { source } }) => {
      const left =
        source && visibleOf(diagram, diagram.and(set, view.loopback('out')), usualPackets(diagram));
      if (source === undefined || left === undefined || left === NONE) return [];
      const packets = diagram.difference(view.project(left, ['in', 'out']), keeping(view, source));
      return packets === NONE ? [] : [{ packets, sources: sourcesOf(view, source) }];
    });
}

/** Packets that surely keep the source that they have. Masquerading takes no address of the loopback interface. */
function keeping(view: FamilyView, source: Translation): Node {
  if (source.address?.kind === 'local') return NONE;
  return view.project(view.diagram.and(keptSources(view, 'output', source).surely, view.loopback('out')), [
    'out',
  ]);
}

function sourcesOf(view: FamilyView, { address }: Translation): Node {
  const { family, ruleset } = view;
  if (address?.kind === 'range') {
    const { lo, hi } = address;
    return view.field('src', family === 4 ? [Number(lo), Number(hi)] : [lo, hi]);
  }
  const own = address?.kind === 'local' ? addressSet(wideAddresses(ruleset, family), family) : [];
  return own.length === 0 ? view.familyNode : view.field('src', own);
}
