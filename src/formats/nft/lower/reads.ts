import { allOf, type Condition } from '../../../rule/condition.ts';
import type { Selector, Statement } from '../ast/ast.ts';
import { opaqueOf, type TableContext } from './context.ts';
import { lowerMatch } from './match.ts';
import { readable } from '../selector/selector.ts';

/** What a statement that decides nothing by itself reads of the packet. */
export function readBy(statement: Extract<Statement, { kind: 'note' | 'uncertain' }>): readonly Selector[] {
  const { key, reads = [] } = statement;
  const data = statement.kind === 'uncertain' ? statement.data : undefined;
  return [key, data, ...reads].filter((one) => one !== undefined);
}

/**
 * Where a statement can read what it reads, and its maps have an answer; elsewhere the rule ends
 * (net/netfilter/nft_objref.c, nft_objref_map_eval; nft_lookup.c, nft_lookup_eval; NFT_BREAK).
 */
export function answered(
  statement: Extract<Statement, { kind: 'note' | 'uncertain' }>,
  context: TableContext,
): Condition {
  return allOf(readBy(statement).map((one) => answers(one, statement.text, context)));
}

/** Where an expression gives a value. */
export function answers(selector: Selector, text: string, context: TableContext): Condition {
  if (selector.kind !== 'map') return readable(selector, context, opaqueOf(text, selector, context));
  const { key: left, data: right, start, end } = selector;
  return lowerMatch({ kind: 'match', left, op: '==', right, text, start, end }, context);
}
