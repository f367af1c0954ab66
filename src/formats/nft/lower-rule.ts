import { ALWAYS, allOf, anyOf, type Condition, negate } from '../../rule/condition.ts';
import type { Action, Rule } from '../../rule/ruleset.ts';
import type { Element, Place, Rule as RuleNode, Statement, Value, Verdict } from './ast.ts';
import { lowerAssign } from './lower-assign.ts';
import {
  elementsOf,
  lookup,
  lowerMatch,
  opaque,
  type Part,
  parts,
  reportBad,
  type TableContext,
} from './lower-match.ts';
import { lowerNat } from './lower-nat.ts';

/** What rules of one chain are lowered with. */
export interface RuleContext extends TableContext {
  /** The model's name of a chain of this table. */
  readonly chainId: (name: string) => string;
}

/** A rule under way: the statements so far as a condition and actions. */
class Draft {
  private readonly match: Condition[] = [];
  readonly actions: Action[] = [];

  /** A condition; behind an action with an effect it holds only for what follows. */
  require(condition: Condition): void {
    if (this.effectless) this.match.push(condition);
    else if (condition.kind !== 'always') this.actions.push({ kind: 'require', match: condition });
  }

  /** Nothing but notes so far, which may happen twice or not at all. */
  get effectless(): boolean {
    return this.actions.every(({ kind }) => kind === 'note');
  }

  finish(
    place: Place,
    context: TableContext,
    more: readonly Condition[] = [],
    last: readonly Action[] = [],
  ): Rule {
    return {
      match: allOf([...this.match, ...more]),
      actions: [...this.actions, ...last],
      origin: context.problems.span(place),
    };
  }
}

/** One rule as rules of the model: several where a verdict map has several answers. */
export function lowerRule(rule: RuleNode, context: RuleContext): readonly Rule[] {
  const draft = new Draft();
  for (const [at, statement] of rule.statements.entries()) {
    if (statement.kind === 'vmap') {
      if (at < rule.statements.length - 1) {
        const told = rule.statements.slice(at + 1).every(({ kind }) => kind === 'note');
        if (!told) draft.actions.push(anything(statement.text, statement, context));
      }
      return verdictMap(statement, draft, rule, context);
    }
    step(statement, draft, context);
  }
  return [draft.finish(rule, context)];
}

function step(statement: Statement, draft: Draft, context: RuleContext): void {
  switch (statement.kind) {
    case 'match':
      draft.require(lowerMatch(statement, context));
      return;
    case 'verdict':
      draft.actions.push(...verdictActions(statement.verdict, context));
      return;
    case 'reject':
      draft.actions.push({ kind: 'verdict', verdict: 'reject' });
      return;
    case 'notrack':
      draft.actions.push({ kind: 'notrack' });
      return;
    case 'assign':
      for (const action of lowerAssign(statement, context)) draft.actions.push(action);
      return;
    case 'nat': {
      const { conditions, action } = lowerNat(statement, context);
      for (const condition of conditions) draft.require(condition);
      draft.actions.push(action);
      return;
    }
    case 'uncertain':
      draft.require(opaque(statement.text, true, statement, context));
      return;
    case 'unknown':
      draft.actions.push(anything(statement.text, statement, context, statement.outcomes));
      return;
    case 'note':
      if (statement.told !== undefined) context.problems.cover('ignored', statement, statement.told);
      draft.actions.push({ kind: 'note', text: statement.text });
      return;
    case 'vmap':
      return;
  }
}

/** Whatever may happen here. */
function anything(
  text: string,
  place: Place,
  context: TableContext,
  outcomes: readonly ('accept' | 'drop' | 'continue')[] = ['accept', 'drop', 'continue'],
): Action {
  const reason = 'what happens here is not in the file: what depends on it is reported as possible';
  context.problems.cover('approximated', place, reason);
  return { kind: 'unknown', outcomes, text };
}

function verdictActions(verdict: Verdict, context: RuleContext): readonly Action[] {
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

interface Arm {
  readonly condition: Condition;
  readonly verdict: Verdict;
}

/**
 * A verdict map: a rule for each different verdict, with conditions that exclude each other. A jump comes back, so
 * that its rule stands last, and only one may: the chain could have changed what the next rule looks at.
 */
function verdictMap(
  statement: Extract<Statement, { kind: 'vmap' }>,
  draft: Draft,
  rule: RuleNode,
  context: RuleContext,
): readonly Rule[] {
  const open = (stateful: boolean): Condition => opaque(statement.text, stateful, statement, context);
  const read = parts(statement.key, context, open);
  const elements = elementsOf(statement.data, context);
  const arms =
    read === undefined ||
    elements === undefined ||
    elements === 'uncertain' ||
    read[0]?.leaf.key === 'unknown'
      ? undefined
      : armsOf(elements, read, context, open);
  const changing = read?.some(({ leaf }) => leaf.changes === true) === true;
  const jumps = arms?.filter(({ verdict }) => verdict.kind === 'jump').length ?? 0;
  if (arms === undefined || read === undefined || !draft.effectless || (changing && jumps > 1)) {
    const outcomes = reachable(elements, context, statement);
    return [draft.finish(rule, context, [], outcomes)];
  }
  const guard = allOf(read.map(({ leaf }) => leaf.guard));
  const last = (arm: Arm): number => (arm.verdict.kind === 'jump' ? 1 : 0);
  return [...arms]
    .sort((a, b) => last(a) - last(b))
    .map((arm) => draft.finish(rule, context, [guard, arm.condition], verdictActions(arm.verdict, context)));
}

/** A map that is not followed: any of its verdicts may come, or none. */
function reachable(
  elements: ReturnType<typeof elementsOf>,
  context: RuleContext,
  statement: Extract<Statement, { kind: 'vmap' }>,
): readonly Action[] {
  for (const element of elements === 'uncertain' || elements === undefined ? [] : elements)
    if (element.data !== undefined && isVerdict(element.data)) verdictActions(element.data, context);
  return [anything(statement.text, statement, context)];
}

const VERDICTS: readonly string[] = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'];

function isVerdict(data: { readonly kind: string }): data is Verdict {
  return VERDICTS.includes(data.kind);
}

/** The elements by verdict; undefined where their conditions are not modelled. */
function armsOf(
  elements: readonly Element[],
  read: readonly Part[],
  context: RuleContext,
  open: (stateful: boolean) => Condition,
): readonly Arm[] | undefined {
  const byVerdict = new Map<string, { verdict: Verdict; keys: Value[] }>();
  let rest: Verdict | undefined;
  for (const { key, data } of elements) {
    if (data === undefined || !isVerdict(data)) {
      reportBad({ value: key, expected: 'a key and a verdict: `22 : accept`' }, context);
      return [];
    }
    if (key.kind === 'any') {
      rest = data;
      continue;
    }
    const name = 'chain' in data ? `${data.kind} ${data.chain}` : data.kind;
    const arm = byVerdict.get(name);
    if (arm === undefined) byVerdict.set(name, { verdict: data, keys: [key] });
    else arm.keys.push(key);
  }
  const arms: Arm[] = [];
  for (const { verdict, keys } of byVerdict.values()) {
    const condition = lookup(keys, read, context, open);
    if (condition === undefined) return undefined;
    arms.push({ condition, verdict });
  }
  if (rest === undefined) return arms;
  const others = anyOf(arms.map(({ condition }) => condition));
  return [...arms, { condition: others.kind === 'never' ? ALWAYS : negate(others), verdict: rest }];
}
