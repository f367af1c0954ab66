import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { BaseChain } from '../../rule/ruleset.ts';
import { boundsOfNeeds } from '../../symbolic/bounds.ts';
import { named, sentToLinks } from '../addresses/links.ts';
import { someChains } from '../view/some-chains.ts';
import type { FamilyView } from '../view/view.ts';
import { anyNeed } from './any-need.ts';
import type { InFamily } from './families-disagree.ts';

/**
 * Why a row of what the host sends that is satisfied may be none in truth: nat's output sends it to a machine on the link of another
 * interface. The chains of output see the interface of the first route all the same, as the hook's state keeps it; those of postrouting see the
 * link's (net/netfilter/nf_nat_proto.c, nf_nat_ipv4_local_fn and ip_route_me_harder; tried on 6.18), and may stop it there.
 */
export function stopsBehindOutput(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  if (row.direction !== 'out' || !row.states.includes('new')) return undefined;
  return anyNeed(families, isLost) ? REASON : undefined;
}

const REASON =
  'rules of nat’s output send some of it to a machine on the link of another interface (`ip -j addr`), by which rules of postrouting may stop it';

function isLost(view: FamilyView, open: Node): boolean {
  if (!view.ruleset.chains.some(({ base }) => base !== undefined && isBehind(base))) return false;
  const { diagram } = view;
  return sentToLinks(view, view.hook('output', 'new').translated).some(({ link, packets }) => {
    const there = named(view, 'out', link.interfaces);
    const elsewhere = diagram.difference(view.all(open, packets), there);
    const passing = view.projectAnd(open, view.all(packets, there), ['out']);
    return diagram.difference(elsewhere, passing) !== NONE && mayStop(view, there);
  });
}

/** Whether the chains of postrouting may stop something by the interfaces, whatever it is: it goes there with another destination. */
function mayStop(view: FamilyView, there: Node): boolean {
  const { must } = boundsOfNeeds(behindOutput(view).hook('output', 'new').bounds);
  return meets(view.diagram, view.all(view.familyNode, there), view.diagram.not(must));
}

const isBehind = ({ hook, type }: BaseChain): boolean => hook === 'postrouting' && type !== 'nat';

const behindOutput = someChains(isBehind);
