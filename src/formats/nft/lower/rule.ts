import { ALWAYS, type Condition } from '../../../rule/condition.ts';
import type { Expected } from '../../../rule/conntrack-helpers.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Rule as RuleNode, Selector, Statement, Table } from '../ast/ast.ts';
import { opaque, type RuleContext } from './context.ts';
import { Draft } from './draft.ts';
import { between, ofFamily } from '../selector/leaf.ts';
import { lowerAssign } from './assign.ts';
import { lowerMatch } from './match.ts';
import { lowerNat } from './nat.ts';
import { xtActions } from './xt.ts';
import { familyListed } from './listed-reject.ts';
import { lowerMerged, mergedWith } from './merged-unequal.ts';
import { messagesWith, messageTypeBefore } from '../selector/message-type.ts';
import { askedOf } from '../selector/raw-headers.ts';
import { isRaw } from '../selector/raw.ts';
import { anything, lowerVerdictMap, verdictActions } from './verdict.ts';
import { answered, readBy } from './reads.ts';

/** One rule as rules of the model: several where a map has several answers. */
export function lowerRule(rule: RuleNode, context: RuleContext): readonly Rule[] {
  return lowerFrom(rule, 0, new Draft(), context);
}

/** The statements from one on; each packet that gets there goes one of the ways that are left. */
function lowerFrom(rule: RuleNode, from: number, draft: Draft, around: RuleContext): readonly Rule[] {
  for (let at = from; at < rule.statements.length; at++) {
    const statement = rule.statements[at] as Statement;
    const context = contextOf(rule, at, draft, around);
    if (statement.kind === 'reject') draft.require(familyListed(rule, at, draft, context));
    if (statement.kind === 'match' && statement.op !== '!=') {
      draft.require(lowerMatch(statement, context));
      continue;
    }
    const rest = (next: Draft): readonly Rule[] => lowerFrom(rule, at + 1, next, around);
    if (statement.kind === 'vmap') {
      const last = rule.statements.slice(at + 1).every(({ kind }) => kind === 'note');
      const goesOn = (next: Draft): readonly Rule[] => (last ? [] : rest(next));
      return lowerVerdictMap(statement, draft, rule, context, goesOn);
    }
    if (statement.kind === 'nat') return lowerNat(statement, draft, rule, context);
    const merged = mergedWith(rule, at);
    if (merged !== undefined) {
      const second = rule.statements[merged] as Statement;
      if (statement.kind === 'match' && second.kind === 'match') {
        draft.require(lowerMerged(statement, second, context));
        at = merged;
        continue;
      }
    }
    if (statement.kind === 'block') {
      // A verdict ends the rule: what comes back from the chain goes on with the next one (nft_do_chain).
      step(statement, draft, context);
      const unreached = rule.statements[at + 1];
      if (unreached !== undefined)
        context.problems.cover('ignored', unreached, 'never reached: a jump stands before it');
      return [draft.finish(rule, context)];
    }
    if (statement.kind === 'assign') {
      const split = lowerAssign(statement, draft, context, rest);
      if (split !== undefined) return split;
    } else step(statement, draft, context);
  }
  return [draft.finish(rule, around)];
}

type Plain = Exclude<Statement, { kind: 'vmap' | 'nat' | 'assign' }>;

function step(statement: Plain, draft: Draft, context: RuleContext): void {
  switch (statement.kind) {
    case 'match':
      draft.require(lowerMatch(statement, context));
      return;
    case 'verdict':
      draft.actions.push(...verdictActions(statement.verdict, context));
      return;
    case 'block': {
      const rules = statement.rules.flatMap((rule) => lowerRule(rule, context));
      draft.actions.push({ kind: statement.call, chain: context.helper(rules, statement) });
      return;
    }
    case 'reject':
      draft.require(rejectable(statement.with, context));
      draft.actions.push({ kind: 'verdict', verdict: 'reject' });
      return;
    case 'notrack':
      draft.actions.push({ kind: 'notrack' });
      return;
    case 'uncertain':
      draft.require(answered(statement, context));
      draft.require(opaque(statement.text, true, statement, context));
      return;
    case 'unknown':
      draft.actions.push(anything(statement.text, statement, context, statement.outcomes));
      return;
    case 'xt':
      draft.actions.push(...xtActions(statement, context));
      return;
    case 'note':
      if (statement.told !== undefined) context.problems.cover('ignored', statement, statement.told);
      draft.require(answered(statement, context));
      draft.actions.push({
        kind: 'note',
        text: statement.text,
        ...expectedFrom(statement, context.table),
      });
      return;
  }
}

/**
 * What nft asks for before it rejects in that way, whether it prints it or not: a TCP reset needs TCP, an ICMP message
 * its family (src/evaluate.c of nftables, stmt_evaluate_reject; `nft(8)`, REJECT STATEMENT).
 */
function rejectable(
  answer: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp' | undefined,
  { table }: RuleContext,
): Condition {
  if (answer === 'tcp') return between('protocol', 6);
  if (answer === 'icmp' && table.family !== 'ip') return ofFamily(4);
  return answer === 'icmpv6' && table.family !== 'ip6' ? ofFamily(6) : ALWAYS;
}

/** What bits of headers are may depend on what the rule has asked for so far. */
function contextOf(rule: RuleNode, at: number, draft: Draft, around: RuleContext): RuleContext {
  const statement = rule.statements[at] as Statement;
  const raw = looks(statement, isBare);
  const message = looks(statement, hasMessages);
  if (!raw && !message) return around;
  const asked = raw ? askedOf(draft.match) : {};
  return {
    ...around,
    asked: message ? { ...asked, message: messageTypeBefore(rule.statements, at) } : asked,
  };
}

type Test = (selector: Selector) => boolean;

/** Raw bits, or ports of any protocol. */
const isBare: Test = (selector) =>
  (selector.kind === 'payload' && selector.protocol === 'th') || isRaw(selector);

const hasMessages: Test = (selector) => selector.kind === 'payload' && messagesWith(selector) !== undefined;

/** Whether a statement looks at such a thing, or looks something up by it. */
function looks(statement: Statement, test: Test): boolean {
  switch (statement.kind) {
    case 'match':
      return contains(statement.left, test);
    case 'vmap':
      return contains(statement.key, test);
    case 'assign':
      return contains(statement.from, test);
    case 'nat':
      return (
        (statement.address !== undefined && contains(statement.address, test)) ||
        (statement.portFrom !== undefined && contains(statement.portFrom, test))
      );
    case 'note':
    case 'uncertain':
      return readBy(statement).some((one) => contains(one, test));
    default:
      return false;
  }
}

function contains(selector: Selector, test: Test): boolean {
  if (selector.kind === 'concat') return selector.of.some((one) => contains(one, test));
  if (selector.kind === 'binary') return contains(selector.left, test);
  if (selector.kind === 'other' && selector.of !== undefined)
    return selector.of.some((one) => contains(one, test));
  return selector.kind === 'map' ? contains(selector.key, test) : test(selector);
}

/**
 * Whether it gives connections a helper or an expectation, and of which protocols (net/netfilter/nft_ct.c,
 * nft_ct_helper_obj_eval, nft_ct_expect_obj_eval). A map may give any of its kind.
 */
function expectedFrom(
  { refers, gives }: Extract<Statement, { kind: 'note' }>,
  { objects }: Table,
): { readonly expects?: Expected } {
  const told = refers ?? gives ?? '';
  if (!/^ct (?:helper|expectation)\b/.test(told)) return {};
  const given = [...objects].filter(([key]) =>
    refers === undefined ? key.startsWith(`${told} `) : key === told,
  );
  const expected = given.map(([, object]) => object.expects ?? 'any');
  if (expected.length === 0 || expected.includes('any')) return { expects: 'any' };
  return { expects: expected.flatMap((one) => (one === 'any' ? [] : one)) };
}
