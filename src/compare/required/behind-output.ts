import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets } from '../../packet/relations.ts';
import type { BaseChain } from '../../rule/ruleset.ts';
import { boundsOfNeeds, visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { byOthers, linkOf, named } from '../addresses/links.ts';
import { translatedSet } from '../half-open/mirror.ts';
import { staysHere } from '../rows/translated-parts.ts';
import { someChains } from '../view/some-chains.ts';
import type { FamilyView } from '../view/view.ts';
import { anyNeed } from './any-need.ts';
import type { InFamily } from './families-disagree.ts';

/**
 * Why a row of what the host sends that is satisfied may be none in truth: nat's output sends it to another machine. The chains of output see
 * the interface of the first route all the same, as the hook's state keeps it; those of postrouting see that of the new one
 * (net/netfilter/nf_nat_proto.c, nf_nat_ipv4_local_fn and ip_route_me_harder; tried on 6.18), and may stop it there. Where the machine is on the
 * link of one interface, the engines know that.
 */
export function stopsBehindOutput(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  if (row.direction !== 'out' || !row.states.includes('new')) return undefined;
  return anyNeed(families, isLost) ? REASON : undefined;
}

const REASON =
  'rules of nat’s output send some of it to a machine of which `ip -j addr` does not tell by which interface it is reached, and rules of postrouting may stop it by some';

function isLost(view: FamilyView, open: Node): boolean {
  if (!view.ruleset.chains.some(({ base }) => base !== undefined && isBehind(base))) return false;
  return view.hook('output', 'new').translated.flows.some((flow) => mayStop(view, flow, open));
}

/** Whether the chains of postrouting may stop packets of a flow by an interface that may be theirs. */
function mayStop(view: FamilyView, flow: Flow, open: Node): boolean {
  const { diagram } = view;
  const { destination } = flow.transform;
  if (destination?.address === undefined || staysHere(flow)) return false;
  const link = linkOf(view, destination.address);
  if (link?.interfaces.length === 1) return false;
  const packets = diagram.and(open, visible(diagram, flow.set));
  if (packets === NONE) return false;
  const by = link === undefined ? byOthers(view, 'out') : named(view, 'out', link.interfaces);
  const sent = diagram.and(view.project(translatedSet(view, packets, destination), ['out']), by);
  const { must } = boundsOfNeeds(behindOutput(view).hook('output', 'new').bounds);
  return meets(diagram, sent, diagram.not(must));
}

const isBehind = ({ hook, type }: BaseChain): boolean => hook === 'postrouting' && type !== 'nat';

const behindOutput = someChains(isBehind);
