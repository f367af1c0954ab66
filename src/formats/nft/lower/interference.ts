import type { Condition } from '../../../rule/condition.ts';
import type { Action } from '../../../rule/action.ts';

/** What a condition asks that a rule may change while the packet is on its way. */
type Changeable = 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags' | 'state' | 'bytes';

function readsOf(condition: Condition, found: Set<Changeable>): Set<Changeable> {
  switch (condition.kind) {
    case 'and':
    case 'or':
      for (const inner of condition.of) readsOf(inner, found);
      return found;
    case 'not':
      return readsOf(condition.of, found);
    case 'field':
    case 'masked':
      if (isChangeable(condition.field)) found.add(condition.field);
      return found;
    case 'opaque':
      return found.add('bytes');
    default:
      return found;
  }
}

const CHANGEABLE: readonly string[] = ['mark', 'ctmark', 'tos', 'ttl', 'tcpFlags', 'state'];

function isChangeable(field: string): field is Changeable {
  return CHANGEABLE.includes(field);
}

function writesOf(action: Action): readonly Changeable[] {
  switch (action.kind) {
    case 'assign':
    case 'forget':
      if (action.field === 'mark' || action.field === 'ctmark') return [action.field];
      // What is not a mark is the packet's own bytes, which open answers may look at.
      return isChangeable(action.field) ? [action.field, 'bytes'] : ['bytes'];
    case 'notrack':
      return ['state', 'ctmark'];
    default:
      return [];
  }
}

/**
 * Whether the actions change what the conditions ask, so that the answers are no longer those of before. A jump may
 * lead to anything.
 */
export function interferes(actions: readonly Action[], conditions: readonly Condition[]): boolean {
  const reads = new Set<Changeable>();
  for (const condition of conditions) readsOf(condition, reads);
  if (reads.size === 0) return false;
  return actions.some(
    (action) => action.kind === 'jump' || writesOf(action).some((field) => reads.has(field)),
  );
}
