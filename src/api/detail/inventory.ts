import { openingsOf } from '../../compare/openings.ts';
import type { Opening, RuleUse, RuleUseStatus } from '../../finding/report.ts';
import { DiagramLimit } from '../../packet/diagram.ts';
import { withKnownHost } from '../../rule/known-host.ts';
import type { Chain, Rule, Ruleset } from '../../rule/ruleset.ts';
import { Analysis } from '../../symbolic/analysis.ts';
import { spaceFor } from '../../symbolic/layout/space.ts';
import { spanText } from '../../text/source.ts';
import { IDENTITY } from '../../symbolic/translation/transform.ts';
import { UseWalk } from './use-walk.ts';

/** Rules that are visited at one hook, a rule once for each call of its chain. */
const STEPS = 200_000;
/** Openings that a rule shows; the others are counted. */
const SHOWN = 3;

const HOOKS = ['input', 'forward', 'output'] as const;

/**
 * Every rule of a rule set, in the order of its files, with what became of it. Packets of every state, of any flags and
 * whole or in fragments are followed, not only new connections: a rule that drops invalid packets is in use.
 */
export function inventoryOf(ruleset: Ruleset): RuleUse[] {
  const statuses = statusesOf(ruleset);
  const opened = openedBy(ruleset);
  const found = new Map<string, RuleUse>();
  for (const chain of ruleset.chains)
    for (const rule of chain.rules) {
      const use = ruleUse(chain, rule, statuses.get(rule) ?? 'not-examined', opened);
      const key = `${rule.origin.start} ${use.file}`;
      const known = found.get(key);
      if (known === undefined || RANK.indexOf(use.status) < RANK.indexOf(known.status)) found.set(key, use);
    }
  const order = new Map([...found.values()].map(({ file }) => [file, 0]));
  for (const [i, file] of [...order.keys()].entries()) order.set(file, i);
  return [...found.values()].sort(
    (a, b) =>
      (order.get(a.file) as number) - (order.get(b.file) as number) || a.line - b.line || a.column - b.column,
  );
}

/** Of a rule that is several rules of the model the best is told. */
const RANK: readonly RuleUseStatus[] = ['used', 'not-examined', 'shadowed', 'unmatched', 'uncalled'];

function ruleUse(
  chain: Chain,
  { origin }: Rule,
  status: RuleUseStatus,
  opened: ReadonlyMap<string, readonly Opening[]> | undefined,
): RuleUse {
  const { line, column } = origin.file.position(origin.start);
  const text = spanText(origin).trim();
  const file = origin.file.path;
  const openings = opened?.get(`${line} ${column} ${file}`) ?? [];
  const boxes = openings.slice(0, SHOWN).map(({ hook, certainty, box }) => ({ hook, certainty, box }));
  return {
    file,
    line,
    column,
    text,
    table: chain.table,
    chain: chain.name,
    status,
    ...(opened === undefined ? {} : { openings: openings.length }),
    ...(boxes.length === 0 ? {} : { opens: boxes }),
  };
}

/** What became of each rule. Where the rules are too entangled to follow, nothing is said of those not yet met. */
function statusesOf(ruleset: Ruleset): ReadonlyMap<Rule, RuleUseStatus> {
  const statuses = new Map<Rule, RuleUseStatus>();
  for (const family of [4, 6] as const) {
    if (!ruleset.families.has(family)) continue;
    const chains = ruleset.chains.filter((chain) => chain.families.includes(family));
    const tell = statusesIn(ruleset, family);
    for (const chain of chains) for (const rule of chain.rules) note(statuses, rule, tell(chain, rule));
  }
  return statuses;
}

function statusesIn(ruleset: Ruleset, family: 4 | 6): (chain: Chain, rule: Rule) => RuleUseStatus {
  try {
    const { walks, deaf } = walksOf(ruleset, family);
    const unsure = [...walks, ...deaf].some((walk) => walk.exhausted);
    return (chain, rule) => {
      if (walks.some((walk) => walk.used.has(rule))) return 'used';
      if (unsure) return 'not-examined';
      if (deaf.some((walk) => walk.used.has(rule))) return 'shadowed';
      return deaf.some((walk) => walk.reached(chain)) ? 'unmatched' : 'uncalled';
    };
  } catch (error) {
    if (!(error instanceof DiagramLimit)) throw error;
    return () => 'not-examined';
  }
}

/** For each hook a walk that follows what is left, and one in which no rule takes anything from another. */
function walksOf(ruleset: Ruleset, family: 4 | 6): { readonly walks: UseWalk[]; readonly deaf: UseWalk[] } {
  const space = spaceFor(ruleset);
  const walks: UseWalk[] = [];
  const deaf: UseWalk[] = [];
  for (const hook of HOOKS) {
    const analysis = new Analysis(space, withKnownHost(ruleset, family), { family, hook });
    const walk = new UseWalk(analysis, STEPS);
    const everything = new UseWalk(analysis, STEPS, true);
    walks.push(walk);
    deaf.push(everything);
    for (const { stage, entered } of analysis.pass(analysis.entry()).stages) {
      walk.stage(stage, entered);
      everything.stage(stage, [{ transform: IDENTITY, set: analysis.entry() }]);
    }
  }
  return { walks, deaf };
}

function note(statuses: Map<Rule, RuleUseStatus>, rule: Rule, status: RuleUseStatus): void {
  const known = statuses.get(rule);
  if (known === undefined || RANK.indexOf(status) < RANK.indexOf(known)) statuses.set(rule, status);
}

/** What `postern openings` says, by the rule that opens; undefined where that is too much to list. */
function openedBy(ruleset: Ruleset): ReadonlyMap<string, readonly Opening[]> | undefined {
  try {
    const found = new Map<string, Opening[]>();
    for (const opening of openingsOf(ruleset, undefined, () => undefined))
      for (const { file, line, column } of opening.rules) {
        const key = `${line} ${column} ${file}`;
        const known = found.get(key);
        if (known === undefined) found.set(key, [opening]);
        else known.push(opening);
      }
    return found;
  } catch (error) {
    if (error instanceof DiagramLimit) return undefined;
    throw error;
  }
}
