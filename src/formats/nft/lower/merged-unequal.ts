import { bothOrAsOne, type Condition } from '../../../rule/condition.ts';
import type { Rule, Statement } from '../ast/ast.ts';
import { opaqueOf, type TableContext } from './context.ts';
import { lowerMatch } from './match.ts';

type Match = Extract<Statement, { kind: 'match' }>;

/** Fields that stand side by side in a header and fit into one comparison of nft's. */
const SIDE_BY_SIDE: readonly (readonly string[])[] = [
  ['sport', 'dport'],
  ['type', 'code'],
  ['ttl', 'protocol'],
  ['nexthdr', 'hoplimit'],
];

/** The place of a `!=` that nft may take together with the one at `at`; undefined where there is none. */
export function mergedWith(rule: Rule, at: number): number | undefined {
  const first = unequal(rule.statements[at]);
  if (first === undefined) return undefined;
  for (let next = at + 1; next < rule.statements.length; next++) {
    const statement = rule.statements[next];
    if (statement?.kind === 'note') continue;
    const second = unequal(statement);
    const pair = second !== undefined && second.protocol === first.protocol && first.field !== second.field;
    const near = SIDE_BY_SIDE.some(
      (pair) => pair.includes(first.field) && pair.includes(second?.field ?? ''),
    );
    return pair && near ? next : undefined;
  }
  return undefined;
}

function unequal(statement: Statement | undefined): { protocol: string; field: string } | undefined {
  if (statement?.kind !== 'match' || statement.op !== '!=' || statement.mask !== undefined) return undefined;
  const { left, right } = statement;
  return left.kind === 'payload' && right.kind === 'symbol' ? left : undefined;
}

/**
 * `tcp sport != 1 tcp dport != 2`: nft up to 1.0.6 loads both as one comparison of four bytes, which fails only where
 * both are equal (src/rule.c of nftables 1.0.6, payload_do_merge); later ones load two. A file does not say which nft
 * has loaded it, so what only one of them keeps out is open.
 */
export function lowerMerged(first: Match, second: Match, context: TableContext): Condition {
  const [one, other] = [lowerMatch(first, context), lowerMatch(second, context)];
  const text = `${first.text} ${second.text}`;
  const place = { start: first.start, end: second.end };
  const open = opaqueOf(text, place, context);
  context.problems.cover(
    'approximated',
    place,
    `\`${text}\`: nft up to 1.0.6 loads these as one comparison that holds where either does; where only one holds it is reported as possible`,
  );
  const asOne = open(false, 'as one comparison');
  return bothOrAsOne(one, other, asOne);
}
