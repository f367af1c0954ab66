import type { Action, ConnectionZone } from '../../rule/action.ts';
import type { BaseChain, Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { CONNTRACK_PRIORITY } from '../../symbolic/stages.ts';
import { kept } from '../../text/kept.ts';
import { FamilyView } from './view.ts';

/** A zone that rules give, with what tells which packets get it. */
export interface ZoneView {
  readonly zone: ConnectionZone;
  /** The host with the chains before conntrack alone: they deny what gets this zone, and nothing else. */
  readonly view: FamilyView;
}

/** The zones that rules give and the lines that do. */
export interface ZoneViews {
  readonly views: readonly ZoneView[];
  readonly rules: readonly Rule[];
  /** Whether some zone is for one direction alone. */
  readonly isDirected: boolean;
}

/** Of more zones none is told apart from the others. */
const MOST_ZONES = 16;

const NO_ZONES: ZoneViews = { views: [], rules: [], isDirected: false };

/** The zones of a host. Behind conntrack nothing gives one: the packet has its connection by then (nft_ct_set_zone_eval). */
export function zonesOf(view: FamilyView): ZoneViews {
  return kept(ZONES, view, () => {
    const chains = view.ruleset.chains.filter(({ base }) => base === undefined || isEarly(base));
    const rules = chains.flatMap((chain) => chain.rules.filter(givesZone));
    const zones = new Map(rules.flatMap(zonesIn).map((zone) => [keyOf(zone), zone]));
    // Zone 0 is that of every packet without one.
    if ([...zones.values()].every(({ id }) => id === 0)) return NO_ZONES;
    const countsBehindNotrack = rules.every(({ actions }) => actions.every(countsAlways));
    const isMany = zones.size > MOST_ZONES;
    const told: readonly ConnectionZone[] = isMany ? [{ direction: 'both' }] : [...zones.values()];
    return {
      views: told.map((zone) => {
        const isIt = (one: ConnectionZone): boolean => isMany || keyOf(one) === keyOf(zone);
        const ruleset: Ruleset = {
          ...view.ruleset,
          chains: chains.map((chain) => denying(chain, isIt, countsBehindNotrack)),
        };
        return { zone, view: new FamilyView(ruleset, view.family, view.space) };
      }),
      rules: rules.filter((rule) => zonesIn(rule).some(({ id }) => id !== 0)),
      isDirected: [...zones.values()].some(({ direction }) => direction !== 'both'),
    };
  });
}

/** Whether a chain of the hook, or one that it leads to, gives zones. Which chains lead where is not looked at. */
export function givesZones({ ruleset: { chains } }: FamilyView, hook: BaseChain['hook']): boolean {
  return chains.some(
    (chain) => (chain.base === undefined || chain.base.hook === hook) && chain.rules.some(givesZone),
  );
}

const ZONES = new WeakMap<FamilyView, ZoneViews>();

const keyOf = ({ id, direction, byEnds }: ConnectionZone): string => `${id} ${direction} ${byEnds}`;

const isEarly = ({ hook, priority }: BaseChain): boolean =>
  hook === 'ingress' || ((hook === 'prerouting' || hook === 'output') && priority < CONNTRACK_PRIORITY);

const givesZone = ({ actions }: Rule): boolean =>
  actions.some((action) => action.kind === 'note' && action.zone !== undefined);

const zonesIn = ({ actions }: Rule): ConnectionZone[] =>
  actions.flatMap((action) => (action.kind === 'note' && action.zone !== undefined ? [action.zone] : []));

/** Whether a zone counts behind NOTRACK too: see Tracks. */
const countsAlways = (action: Action): boolean =>
  action.kind !== 'note' || action.zone === undefined || action.tracks === 'always';

/** The chain, which denies what gets the zone: the first that a packet gets stays, and what is kept out of conntrack has none. */
function denying(chain: Chain, isIt: (zone: ConnectionZone) => boolean, behindNotrack: boolean): Chain {
  const { base } = chain;
  return {
    ...chain,
    rules: chain.rules.map((rule) => ({
      ...rule,
      actions: rule.actions
        .filter(({ kind }) => !behindNotrack || kind !== 'notrack')
        .map((one) => told(one, isIt)),
    })),
    ...(base === undefined ? {} : { base: { ...base, policy: 'accept' } }),
  };
}

function told(action: Action, isIt: (zone: ConnectionZone) => boolean): Action {
  if (action.kind === 'verdict' || action.kind === 'notrack') return { kind: 'verdict', verdict: 'accept' };
  if (action.kind === 'unknown')
    return { ...action, outcomes: action.outcomes.map((one) => (one === 'drop' ? 'accept' : one)) };
  if (action.kind !== 'note' || action.zone === undefined) return action;
  return { kind: 'verdict', verdict: isIt(action.zone) ? 'drop' : 'accept' };
}
