import { type Node, NONE } from '../../packet/diagram.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { boundsOfNeeds, usualPackets, visibleOf } from '../../symbolic/bounds.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { inFamily } from '../../symbolic/translation/translation-preimage.ts';
import { onceOf } from '../../text/kept.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';
import { keptSources } from '../half-open/kept-sources.ts';
import { telling } from '../half-open/sources.ts';
import type { FamilyView } from '../view/view.ts';

/** Whether any rule gives packets another source. */
export const translatesSources = onceOf(({ chains }: Ruleset): boolean =>
  chains.some(({ rules }) =>
    rules.some(({ actions }) => actions.some((one) => one.kind === 'translate' && one.what === 'snat')),
  ),
);

/** First packets on the loopback interface that may get another source, and the sources that they may then have. */
interface Change {
  readonly packets: Node;
  readonly sources: Node;
}

export const changes = onceOf(changesOf);

/** First packets on the loopback interface that may pass where they come in, with the source that rules give them. */
export function passingWithAnother(view: FamilyView): Node {
  if (!translatesSources(view.ruleset)) return NONE;
  const { may } = boundsOfNeeds(view.hook('input', 'new').bounds);
  return view.diagram.orAll(
    changes(view).map(({ packets, sources }) => {
      const coming = view.project(view.all(may, sources, view.loopback('in')), ['src', 'in']);
      return view.diagram.and(packets, coming);
    }),
  );
}

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
  return view.project(
    view.diagram.and(keptSources(view, 'output', source, undefined).surely, view.loopback('out')),
    ['out'],
  );
}

function sourcesOf(view: FamilyView, { address }: Translation): Node {
  const { family, ruleset } = view;
  if (address?.kind === 'range') return view.field('src', inFamily(family, address.lo, address.hi));
  const own = address?.kind === 'local' ? addressSet(wideAddresses(ruleset, family), family) : [];
  return own.length === 0 ? view.familyNode : view.field('src', own);
}
