import type { ResolvedRow } from '../../baseline/model.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { CONNECTION_STATES, icmpProtocol } from '../../packet/packet.ts';
import { normalise } from '../../packet/ranges.ts';
import type { Action } from '../../rule/action.ts';
import type { Chain, Ruleset } from '../../rule/ruleset.ts';
import { visible } from '../../symbolic/bounds.ts';
import { surroundingsOf } from '../../symbolic/surroundings.ts';
import { kept, onceOf } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { ported } from '../half-open/kept-sources.ts';
import { mirrored } from '../half-open/mirror.ts';
import { neededStates } from '../rows/needed-states.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { isCloudOnly } from '../view/clouds.ts';
import { FamilyView } from '../view/view.ts';

/** A family of the host in which the row is judged. */
interface InFamily {
  readonly view: FamilyView;
  readonly sets: RowSets;
}

/**
 * Why a row that is satisfied may be none in truth: but for errors of ICMP conntrack calls packets related through helpers alone, and no
 * rule gives one to a connection between the row's ends, of which either may have begun it. Linux does so by itself up to 5.19, where
 * `net.netfilter.nf_conntrack_helper` is set (Documentation/networking/nf_conntrack-sysctl.rst; net/netfilter/nf_conntrack_helper.c,
 * __nf_ct_try_assign_helper). Tried in the kernel.
 */
export function relatedByNothing(
  row: ResolvedRow,
  ruleset: Ruleset,
  families: readonly InFamily[],
): string | undefined {
  // Beside `established` it means answers and what belongs to them, if anything; beside `new` what no helper tells passes as that.
  const states = row.families.flatMap((family) => neededStates(row, family));
  const isAlone = states.every((state) => state === 'related');
  const judged = families.filter(({ view }) => row.families.includes(view.family));
  if (!isAlone || isCloudOnly(ruleset)) return undefined;
  const traffic = [...row.all, ...row.choices.flat()];
  const protocols = new Set(traffic.map(({ protocol }) => protocol));
  const others = [...protocols].filter((one) => row.families.every((family) => one !== icmpProtocol(family)));
  if (others.length === 0)
    return judged.every((family) => isOfUntracked(row, family)) ? UNTRACKED : undefined;
  if (!hasHelpers(ruleset)) return NO_HELPER;
  const areHelped = others.every((protocol) => judged.some((family) => isHelped(row, family, protocol)));
  return areHelped ? undefined : NO_HELPER_HERE;
}

const NO_HELPER =
  'conntrack calls such packets related through helpers alone, and no rule gives a connection one (`-j CT --helper`, `ct helper set`)';
const NO_HELPER_HERE =
  'conntrack calls such packets related through helpers alone, and no rule gives a connection between these parties one that tells of this protocol (`-j CT --helper`, `ct helper set`)';

const UNTRACKED =
  'rules keep all connections between these parties out of connection tracking (but for ICMP), and errors about those are invalid to it, and not related';

const givesHelper = (action: Action): boolean => action.kind === 'note' && action.expects !== undefined;

const tellsOf = (action: Action, protocol: number): boolean =>
  action.kind === 'note' &&
  action.expects !== undefined &&
  (action.expects === 'any' || action.expects.includes(protocol));

const hasHelpers = onceOf((ruleset: Ruleset): boolean =>
  ruleset.chains.some(({ rules }) => rules.some(({ actions }) => actions.some(givesHelper))),
);

const HOOKS: Readonly<Record<ResolvedRow['direction'], readonly [FlowHook, FlowHook]>> = {
  in: ['input', 'output'],
  out: ['output', 'input'],
  loopback: ['output', 'output'],
  forward: ['forward', 'forward'],
};

/** Whether a connection between the row's ends can get a helper that tells of such, at any port: of which ones is in what its packets say. */
function isHelped(row: ResolvedRow, { view, sets }: InFamily, protocol: number): boolean {
  const helped = helpedView(view, protocol);
  return packetsOf(row, { view, sets }).some(({ hook, packets }) => {
    const given = visible(view.diagram, helped.hook(hook, 'new').passage.deny);
    return view.diagram.and(given, packets) !== NONE;
  });
}

/** Whatever the row's parties send to each other, and where it is looked at. */
function packetsOf(row: ResolvedRow, { view, sets }: InFamily): readonly { hook: FlowHook; packets: Node }[] {
  const ends = view.project(sets.documented(row), ANYTHING);
  const onlyEnds = row.direction === 'loopback' ? view.project(ends, ['in', 'out']) : ends;
  const [hook, back] = HOOKS[row.direction];
  return [
    { hook, packets: onlyEnds },
    { hook: back, packets: mirrored(view, onlyEnds) },
  ];
}

const ANYTHING: readonly DiagramField[] = [
  'protocol',
  'sport',
  'dport',
  'icmpType',
  'icmpCode',
  'ttl',
  'state',
];

/**
 * Whether conntrack sees nothing of the parties' connections, in either direction, so that errors about them are invalid to it
 * (net/netfilter/nf_conntrack_proto_icmp.c, nf_conntrack_inet_error). Tried in the kernel.
 */
function isOfUntracked(row: ResolvedRow, { view, sets }: InFamily): boolean {
  if (!surroundingsOf(view.ruleset).hasNotrack || row.direction === 'loopback') return false;
  const { diagram } = view;
  const connections = ported(view);
  const passing = (isUntracked: boolean): boolean =>
    packetsOf(row, { view, sets }).some(({ hook, packets }) => {
      const flows = view.hook(hook, 'new').passage.accept;
      const some = flows.filter(({ transform }) => transform.notrack === isUntracked).map(({ set }) => set);
      return diagram.and(visible(diagram, diagram.orAll(some)), diagram.and(packets, connections)) !== NONE;
    });
  return passing(true) && !passing(false);
}

/** The host with chains that deny what gets a helper that tells of the protocol, and nothing else. */
const helpedView = (view: FamilyView, protocol: number): FamilyView =>
  kept(
    kept(HELPED, view, () => new Map()),
    protocol,
    () => {
      const chains = view.ruleset.chains.map((chain) => denying(chain, protocol));
      return new FamilyView({ ...view.ruleset, chains }, view.family, view.space);
    },
  );

const HELPED = new WeakMap<FamilyView, Map<number, FamilyView>>();

function denying(chain: Chain, protocol: number): Chain {
  const { base } = chain;
  return {
    ...chain,
    rules: chain.rules.map((rule) => ({
      ...rule,
      actions: rule.actions.flatMap((action) => told(action, protocol)),
    })),
    ...(base === undefined ? {} : { base: { ...base, policy: 'accept' } }),
  };
}

/** What is dropped, or kept out of connection tracking, gets no helper where that happens before. */
function told(action: Action, protocol: number): readonly Action[] {
  if (tellsOf(action, protocol)) return isForLater(action) ? [GIVEN] : [IN_CONNECTION, GIVEN];
  if (action.kind === 'verdict' || action.kind === 'notrack') return [{ kind: 'verdict', verdict: 'accept' }];
  if (action.kind !== 'unknown') return [action];
  return [{ ...action, outcomes: action.outcomes.map((one) => (one === 'drop' ? 'accept' : one)) }];
}

const GIVEN: Action = { kind: 'verdict', verdict: 'drop' };

/**
 * nft gives a helper to a connection, and there is none before conntrack has seen the packet (net/netfilter/nft_ct.c,
 * nft_ct_helper_obj_eval); iptables prepares one for what comes of the packet (net/netfilter/xt_CT.c, xt_ct_set_helper).
 */
const isForLater = (action: Action): boolean => action.kind === 'note' && action.zone !== undefined;

const TRACKED = (['new', 'established', 'related'] as const).map((state) => CONNECTION_STATES.indexOf(state));

const IN_CONNECTION: Action = {
  kind: 'require',
  match: { kind: 'field', field: 'state', values: normalise(TRACKED.map((state) => [state, state])) },
};
