import type { Element, Selector, Statement, Value } from '../ast/ast.ts';

/*
 * nft 1.0 gives a connection's port no type before it has seen the rule's protocol (src/ct.c of nftables), and a set without a
 * name keeps that type. It then lists `ct original ip daddr . ct original proto-dst { 1.2.3.4 . 80 }` without what stands from
 * the port on: `{ 1.2.3.4 }`, which it refuses to read. What the rule asks besides is not in the file.
 */

/** The statement, or where its listing has left out what it asks, one that may hold or not. */
export function asListed(statement: Statement): Statement {
  if (statement.kind === 'match') {
    const { left, right, text, start, end } = statement;
    if (!isCut(left, right)) return statement;
    return { kind: 'uncertain', text: `${text} (listed without ports)`, reads: [left], start, end };
  }
  if (statement.kind !== 'vmap' || !isCut(statement.key, statement.data)) return statement;
  const { key } = statement;
  const { start, end } = key;
  return { ...statement, key: { kind: 'other', stateful: false, of: [key], start, end } };
}

function isCut(key: Selector, set: Value): boolean {
  if (key.kind !== 'concat' || set.kind !== 'set' || set.elements.length === 0) return false;
  const port = key.of.findIndex((one) => one.kind === 'ct' && /^proto-(?:src|dst)$/.test(one.key));
  return port !== -1 && set.elements.every((element) => partsOf(element) === Math.max(port, 1));
}

const partsOf = ({ key }: Element): number => (key.kind === 'concat' ? key.of.length : 1);
