import type { Diagram } from '../../packet/diagram.ts';
import type { Action } from '../../rule/action.ts';
import type { Condition } from '../../rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { kept, onceOf } from '../../text/kept.ts';
import type { ConditionCompiler } from '../conditions/compile.ts';
import { OpaquePredicates } from '../conditions/predicates.ts';
import type { Scope, Surroundings } from '../scope.ts';
import { isCloud } from '../stages.ts';
import { surroundingsOf } from '../surroundings.ts';
import { callOrderOf } from './call-order.ts';
import { ChainSummaries, type CommonChains } from './chains.ts';
import type { SummaryAlgebra } from './summary.ts';

/** Of so few texts that are asked twice one set of variables serves every scope. */
const FEW_TEXTS = 4;

/** What the analyses of a rule set have in common in one diagram, and those of its variants with some other chains. */
class Common {
  readonly summaries = new Map<string, ChainSummaries>();
  private readonly alike: ReadonlyMap<string, Chain>;
  private readonly surroundings: Surroundings;
  private readonly cloud: Ruleset['cloud'];

  constructor(
    ruleset: Ruleset,
    ids: ReadonlySet<string>,
    readonly predicates: OpaquePredicates,
  ) {
    this.alike = new Map(
      ruleset.chains.filter(({ id }) => ids.has(id)).map((chain): [string, Chain] => [chain.id, chain]),
    );
    this.surroundings = surroundingsOf(ruleset);
    this.cloud = ruleset.cloud;
  }

  /** Whether conditions of the variant mean the same, but for its chains. */
  serves(ruleset: Ruleset, predicates: OpaquePredicates): boolean {
    const [own, other] = [this.surroundings, surroundingsOf(ruleset)];
    const keys = Object.keys(own) as (keyof Surroundings)[];
    return (
      this.cloud === ruleset.cloud &&
      keys.every((key) => FROM_OTHERS.has(key) || own[key] === other[key]) &&
      this.predicates.asksLike(predicates)
    );
  }

  /** The chains of the variant that are this rule set's own, with all that they call. */
  shared(ruleset: Ruleset, ids: ReadonlySet<string>): ReadonlySet<string> {
    const byId = new Map(ruleset.chains.map((chain): [string, Chain] => [chain.id, chain]));
    const same = new Set<string>();
    // Callees come before their callers.
    for (const id of ids) {
      const chain = this.alike.get(id);
      if (chain !== undefined && chain === byId.get(id) && callsOnly(chain, same)) same.add(id);
    }
    return same;
  }
}

/** What follows from the host's addresses and from the clouds, which are compared themselves. */
const FROM_OTHERS: ReadonlySet<keyof Surroundings> = new Set(['groups', 'loopbacks']);

function callsOnly({ rules }: Chain, ids: ReadonlySet<string>): boolean {
  const isInside = (action: Action): boolean =>
    (action.kind !== 'jump' && action.kind !== 'goto') || ids.has(action.chain);
  return rules.every(({ actions }) => actions.every(isInside));
}

/** Which chains have summaries in common with other analyses, and those. */
interface Share {
  readonly common: Common;
  readonly ids: ReadonlySet<string>;
}

/** By the rule set and the diagram; no rule set is held here. */
const shares = new WeakMap<Ruleset, WeakMap<Diagram, Share>>();
/** By the first base chain for NAT, which variants of a rule set have too. */
const commons = new WeakMap<Chain, WeakMap<Diagram, Common>>();

function shareOf(diagram: Diagram, ruleset: Ruleset): Share | undefined {
  const ids = alikeChains(ruleset);
  const anchor = ids.size === 0 ? undefined : ruleset.chains.find(isForNat);
  if (anchor === undefined) return undefined;
  const ofRuleset = kept(shares, ruleset, () => new WeakMap<Diagram, Share>());
  return kept(ofRuleset, diagram, () => {
    const predicates = new OpaquePredicates(diagram, ruleset);
    const own = (): Common => new Common(ruleset, ids, predicates);
    const common = kept(
      kept(commons, anchor, () => new WeakMap<Diagram, Common>()),
      diagram,
      own,
    );
    if (!common.serves(ruleset, predicates)) return { common: own(), ids };
    return { common, ids: common.shared(ruleset, ids) };
  });
}

/** The opaque predicates of a rule set's analyses: the same ones for all, where there are few and none asks for the packet's bytes. */
export function predicatesOf(diagram: Diagram, ruleset: Ruleset): OpaquePredicates {
  const predicates = shareOf(diagram, ruleset)?.common.predicates;
  const isShared =
    predicates !== undefined && !predicates.asksBytesAgain && predicates.repeatedTexts <= FEW_TEXTS;
  return isShared ? predicates : new OpaquePredicates(diagram, ruleset);
}

/** What chains are summarized with, in every scope alike. */
interface Parts {
  readonly diagram: Diagram;
  readonly algebra: SummaryAlgebra;
  readonly surroundings: Surroundings;
  readonly ruleset: Ruleset;
  readonly predicates: OpaquePredicates;
}

/**
 * The summaries of chains in a scope. Of chains that do the same in every scope of the family they are made for the first one that
 * asks, and serve all: thousands of translations need not be read again for packets in another state, nor for those that go
 * elsewhere afterwards.
 */
export function chainsIn(parts: Parts, scope: Scope, compiler: ConditionCompiler): ChainSummaries {
  const { diagram, algebra, surroundings, ruleset, predicates } = parts;
  const made = (common?: CommonChains): ChainSummaries =>
    new ChainSummaries(diagram, compiler, algebra, scope, surroundings, ruleset, undefined, common);
  const share = shareOf(diagram, ruleset);
  if (share === undefined || share.ids.size === 0)
    return scope.hook === 'output' ? made() : made(outsideOf(parts, scope, made));
  const { common, ids } = share;
  const asksTwice = predicates.repeatedTexts + common.predicates.repeatedTexts > 0;
  // Each scope has variables of its own then.
  if (asksTwice && predicates !== common.predicates) return made();
  // Input's and forward's packets pass one hook together, prerouting; there nothing depends on which of them they are.
  const key = `${scope.family} ${scope.hook === 'output'} ${scope.fragment}`;
  return made({ of: kept(common.summaries, key, made), ids });
}

/** Those of clouds' chains, by rule set, diagram, and what a scope says beside input or forward. */
const outside = new WeakMap<Ruleset, WeakMap<Diagram, Map<string, ChainSummaries>>>();

/**
 * Of a cloud's chains, what is summarized for packets to the host serves those that it forwards, and the other way round: a cloud
 * knows nothing of what the host does with them. They ask for states, so that each state has its own.
 */
function outsideOf(
  { diagram, ruleset, predicates }: Parts,
  scope: Scope,
  made: () => ChainSummaries,
): CommonChains | undefined {
  const ids = cloudChains(ruleset);
  // Each scope has variables of its own where texts are asked twice.
  if (ids.size === 0 || predicates.repeatedTexts > 0) return undefined;
  const ofRuleset = kept(outside, ruleset, () => new WeakMap<Diagram, Map<string, ChainSummaries>>());
  const ofDiagram = kept(ofRuleset, diagram, () => new Map<string, ChainSummaries>());
  return { of: kept(ofDiagram, JSON.stringify({ ...scope, hook: undefined }), made), ids };
}

/** The chains of clouds, with all that they call. */
const cloudChains = onceOf((ruleset: Ruleset): ReadonlySet<string> => {
  const bases = ruleset.chains.filter(({ base }) => base !== undefined && isCloud(base.hook));
  return new Set(callOrderOf(ruleset).below(bases.map(({ id }) => id)));
});

const isForNat = ({ base }: Chain): boolean => base?.type === 'nat';

/** Of rule sets that translate, the chains that do the same whatever the packets' state is; the others have little to gain. */
const alikeChains = onceOf((ruleset: Ruleset): ReadonlySet<string> => {
  const alike = new Set<string>();
  if (!ruleset.chains.some(isForNat)) return alike;
  const byId = new Map(ruleset.chains.map((chain): [string, Chain] => [chain.id, chain]));
  // Callees come before their callers.
  for (const id of callOrderOf(ruleset).below([...byId.keys()]))
    if (byId.get(id)?.rules.every((rule) => isAlike(rule, alike))) alike.add(id);
  return alike;
});

function isAlike({ match, actions }: Rule, alike: ReadonlySet<string>): boolean {
  return asksAlike(match) && actions.every((action) => doesAlike(action, alike));
}

function doesAlike(action: Action, alike: ReadonlySet<string>): boolean {
  switch (action.kind) {
    case 'verdict':
    case 'return':
    case 'translate':
    case 'unknown':
      return true;
    case 'forget':
      return action.field !== 'ctmark';
    case 'jump':
    case 'goto':
      return alike.has(action.chain);
    case 'require':
      return asksAlike(action.match);
    case 'assign':
      return action.field !== 'ctmark' && action.from !== 'ctmark';
    case 'note':
      return action.tracks === undefined;
    case 'notrack':
      return false;
  }
}

/** Fields that a scope fixes, and those that a packet has by its connection. */
const OF_SCOPES: ReadonlySet<string> = new Set([
  'state',
  'tcpFlags',
  'ctmark',
  'origSrc',
  'origDst',
  'origSport',
  'origDport',
]);

/** Whether the condition asks for nothing that one scope fixes and another does not, beside family, hook and fragments. */
function asksAlike(condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.every(asksAlike);
    case 'not':
      return asksAlike(condition.of);
    case 'field':
    case 'masked':
    case 'address':
    case 'address-mask':
      return !OF_SCOPES.has(condition.field);
    case 'opaque':
      return condition.direction === undefined && condition.began === undefined;
    case 'translated':
      return false;
    case 'always':
    case 'never':
    case 'interface':
    case 'address-type':
    case 'set':
    case 'group':
      return true;
  }
}
