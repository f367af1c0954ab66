import { anyOf } from '../../../rule/condition.ts';
import type { Action } from '../../../rule/action.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Place, Statement, Verdict } from '../ast/ast.ts';
import { opaqueOf, type RuleContext, type TableContext } from './context.ts';
import { Draft } from './draft.ts';
import { interferes } from './interference.ts';
import { readable } from '../selector/selector.ts';
import { type Arms, isVerdict, mapArms, mayHaveOthers } from './map-arms.ts';

/** Whatever may happen here. */
export function anything(
  text: string,
  place: Place,
  context: TableContext,
  outcomes: readonly ('accept' | 'drop' | 'continue')[] = ['accept', 'drop', 'continue'],
): Action {
  const reason = 'what happens here is not in the file: what depends on it is reported as possible';
  context.problems.cover('approximated', place, reason);
  return { kind: 'unknown', outcomes, text };
}

/** What a verdict does; nothing for `continue`. */
export function verdictActions(verdict: Verdict, context: RuleContext): readonly Action[] {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
      return [{ kind: 'verdict', verdict: verdict.kind }];
    case 'return':
      return [{ kind: 'return' }];
    case 'jump':
    case 'goto':
      if (context.table.chains.has(verdict.chain))
        return [{ kind: verdict.kind, chain: context.chainId(verdict.chain) }];
      context.problems.error(
        'no-such-chain',
        verdict,
        `there is no chain \`${verdict.chain}\` in this table`,
        {
          expected: 'a chain of the same table',
        },
      );
      return [];
    case 'continue':
      return [];
  }
}

type Vmap = Extract<Statement, { kind: 'vmap' }>;

/**
 * A verdict map: rules whose conditions exclude each other (net/netfilter/nft_lookup.c: without an element the rule
 * ends, NFT_BREAK).
 *
 * A jump comes back, and the chain may have changed what the next rule asks. So where there are several, they stand in
 * a chain of their own that the rule jumps to; there each is a goto, which comes back to behind the map.
 *
 * @param rest what the rule does where the map says `continue`
 */
export function lowerVerdictMap(
  statement: Vmap,
  draft: Draft,
  place: Place,
  context: RuleContext,
  rest: (draft: Draft) => readonly Rule[],
): readonly Rule[] {
  const open = opaqueOf(statement.text, statement, context);
  if (mayHaveOthers(statement.data, context)) {
    const own = draft.copy().require(readable(statement.key, context, open));
    own.actions.push(anything(statement.text, statement, context));
    return [own.finish(place, context)];
  }
  const expected = 'a key and a verdict: `22 : accept`';
  const arms = mapArms(statement.key, statement.data, context, open, isVerdict, expected);
  if (arms === undefined) return [];
  if (draft.effectless) return ruleByArm(arms, draft, place, context, rest);
  return behindEffects(statement, arms, draft, place, context, rest);
}

type VerdictArms = Arms<Verdict>;

function ruleByArm(
  { guard, arms, open }: VerdictArms,
  draft: Draft,
  place: Place,
  context: RuleContext,
  rest: (draft: Draft) => readonly Rule[],
): readonly Rule[] {
  const base = draft.copy().require(guard);
  const conditions = arms.map(({ condition }) => condition);
  const jumps = arms.filter(({ data }) => data.kind === 'jump');
  const together = jumps.length > 1 && (open || interferes([{ kind: 'jump', chain: '' }], conditions));
  const rules: Rule[] = [];
  for (const { condition, data } of arms)
    if (data.kind === 'continue') rules.push(...rest(base.copy().require(condition)));
    else if (data.kind !== 'jump') rules.push(ruleOf(base.copy().require(condition), data, place, context));
  if (!together) {
    for (const { condition, data } of jumps)
      rules.push(ruleOf(base.copy().require(condition), data, place, context));
    return rules;
  }
  const inner = jumps.map(({ condition, data }) =>
    ruleOf(new Draft([condition]), gone(data), place, context),
  );
  const some = base.copy().require(anyOf(jumps.map(({ condition }) => condition)));
  some.actions.push({ kind: 'jump', chain: context.helper(inner, place) });
  return [...rules, some.finish(place, context)];
}

function ruleOf(draft: Draft, verdict: Verdict, place: Place, context: RuleContext): Rule {
  draft.actions.push(...verdictActions(verdict, context));
  return draft.finish(place, context);
}

/** In a chain of its own a jump is a goto: what comes back is behind the rule. */
function gone(verdict: Verdict): Verdict {
  return verdict.kind === 'jump' ? { ...verdict, kind: 'goto' } : verdict;
}

/** The rule has done something before its map: that must happen once, whatever the map says. */
function behindEffects(
  statement: Vmap,
  { guard, arms }: VerdictArms,
  draft: Draft,
  place: Place,
  context: RuleContext,
  rest: (draft: Draft) => readonly Rule[],
): readonly Rule[] {
  const leaves = arms.some(({ data }) => data.kind === 'return' || data.kind === 'goto');
  const others = arms.filter(({ data }) => data.kind !== 'continue');
  const goesOn = arms.filter(({ data }) => data.kind === 'continue');
  const first = draft.copy();
  if (!leaves && goesOn.length === 0) {
    const inner = others.map(({ condition, data }) =>
      ruleOf(new Draft([guard, condition]), gone(data), place, context),
    );
    first.actions.push({ kind: 'jump', chain: context.helper(inner, place) });
    return [first.finish(place, context)];
  }
  // The effects in a rule of their own; then the map, where they change nothing that is asked before them.
  const again = draft.conditionsOnly();
  const asked = again.match.length === 0 || !interferes(draft.actions, again.match);
  if (asked)
    return [
      first.finish(place, context),
      ...ruleByArm({ guard, arms, open: true }, again, place, context, rest),
    ];
  first.actions.push(anything(statement.text, statement, context));
  for (const { data } of arms) verdictActions(data, context);
  return [first.finish(place, context)];
}
