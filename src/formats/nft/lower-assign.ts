import type { Action, AssignableField } from '../../rule/ruleset.ts';
import type { Selector, Statement } from './ast.ts';
import { type DataType, readNumber, TYPES } from './datatypes.ts';
import { TRACKED } from './leaf.ts';
import { reportBad, type TableContext } from './lower-match.ts';

type Assign = Extract<Statement, { kind: 'assign' }>;

/** Notes about the packet that no condition of the model reads. */
const WITHOUT_EFFECT = new Set(['priority', 'nftrace', 'secmark', 'rtclassid', 'label', 'event', 'broute']);

interface Target {
  readonly field: AssignableField;
  readonly type: DataType;
  readonly shift: number;
  readonly bits: number;
}

/** `meta mark set …`, `ct mark set …`, `ip dscp set …` and the like. */
export function lowerAssign(statement: Assign, context: TableContext): readonly Action[] {
  const { to, from, text } = statement;
  if ((to.kind === 'meta' || to.kind === 'ct') && WITHOUT_EFFECT.has(to.key)) return [{ kind: 'note', text }];
  if (to.kind === 'other' || to.kind === 'exthdr') return [{ kind: 'note', text }];
  if (to.kind === 'ct' && to.key === 'zone') {
    context.problems.cover(
      'approximated',
      statement,
      'conntrack zones are not modelled: connection states are taken as if there were one zone',
    );
    return [{ kind: 'note', text }];
  }
  const target = targetOf(to);
  if (target === undefined) {
    context.problems.cover(
      'approximated',
      statement,
      'what this changes is not modelled: what happens to the packet from here on is reported as possible',
    );
    return [{ kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text }];
  }
  const exact = assignedValue(from, target, context);
  if (exact !== undefined) return exact;
  context.problems.cover(
    'approximated',
    statement,
    `the value is not modelled: ${target.field} is unknown from here on`,
  );
  return [{ kind: 'forget', field: target.field }];
}

function targetOf(to: Selector): Target | undefined {
  const whole = (field: AssignableField, type: DataType): Target => ({
    field,
    type,
    shift: 0,
    bits: type.bits,
  });
  if (to.kind === 'meta' && to.key === 'mark') return whole('mark', TYPES.mark);
  if (to.kind === 'ct' && to.key === 'mark') return whole('ctmark', TYPES.mark);
  if (to.kind !== 'payload' || (to.protocol !== 'ip' && to.protocol !== 'ip6')) return undefined;
  if (to.field === 'dscp') return { field: 'tos', type: TYPES.dscp, shift: 2, bits: 6 };
  if (to.field === 'ecn') return { field: 'tos', type: TYPES.ecn, shift: 0, bits: 2 };
  if (to.field === 'ttl' || to.field === 'hoplimit') return whole('ttl', TYPES.byte);
  return undefined;
}

function assignedValue(from: Selector, target: Target, context: TableContext): readonly Action[] | undefined {
  const { field, type, shift, bits } = target;
  // Only packets of the family have the field; a statement on the other family's ends the rule, so these are left open.
  if (
    field !== 'mark' &&
    field !== 'ctmark' &&
    context.table.family !== 'ip' &&
    context.table.family !== 'ip6'
  )
    return undefined;
  if (from.kind === 'value') {
    const number = readNumber(from.value, type);
    if (typeof number !== 'bigint') {
      reportBad(number, context);
      return [];
    }
    const whole = field === 'mark' || field === 'ctmark' ? 0xffff_ffff : 0xff;
    const mask = ((2 ** bits - 1) * 2 ** shift) % 2 ** 32;
    return [{ kind: 'assign', field, keep: (whole & ~mask) >>> 0, xor: Number(number) * 2 ** shift }];
  }
  if (field !== 'mark' && field !== 'ctmark') return undefined;
  const bitwise = markValue(from, context);
  if (bitwise === undefined) return undefined;
  const { source, and, xor } = bitwise;
  if (source === field) return [{ kind: 'assign', field, keep: and, xor }];
  const copy: Action = { kind: 'assign', field, keep: 0, from: source, take: and, xor };
  return source === 'ctmark' ? [{ kind: 'require', match: TRACKED }, copy] : [copy];
}

interface MarkValue {
  readonly source: 'mark' | 'ctmark';
  readonly and: number;
  readonly xor: number;
}

/** `meta mark & 0xff | 0x100` as `(mark & and) ^ xor`. */
function markValue(from: Selector, context: TableContext): MarkValue | undefined {
  if (from.kind === 'meta' && from.key === 'mark') return { source: 'mark', and: 0xffff_ffff, xor: 0 };
  if (from.kind === 'ct' && from.key === 'mark') return { source: 'ctmark', and: 0xffff_ffff, xor: 0 };
  if (from.kind !== 'binary') return undefined;
  const left = markValue(from.left, context);
  const right = readNumber(from.right, TYPES.mark);
  if (left === undefined || typeof right !== 'bigint') return undefined;
  const number = Number(right);
  const { source, and, xor } = left;
  if (from.op === '&') return { source, and: (and & number) >>> 0, xor: (xor & number) >>> 0 };
  if (from.op === '|') return { source, and: (and & ~number) >>> 0, xor: (xor | number) >>> 0 };
  return from.op === '^' ? { source, and, xor: (xor ^ number) >>> 0 } : undefined;
}
