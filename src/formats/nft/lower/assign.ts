import { ALWAYS, allOf, type Condition } from '../../../rule/condition.ts';
import type { Action, AssignableField, ConnectionZone } from '../../../rule/action.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Selector, Statement, Value } from '../ast/ast.ts';
import { opaqueOf, type RuleContext, reportBad, type TableContext } from './context.ts';
import { type DataType, TYPES } from '../types/datatypes.ts';
import { readNumber } from '../types/read-number.ts';
import type { Draft } from './draft.ts';
import { interferes } from './interference.ts';
import { ofFamily } from '../selector/leaf.ts';
import { answers } from './reads.ts';
import { readable } from '../selector/selector.ts';
import { isRaw } from '../selector/raw.ts';
import { isValue, mapArms } from './map-arms.ts';
import { writtenFields } from './written-fields.ts';

type Assign = Extract<Statement, { kind: 'assign' }>;

/** Notes about the packet that no condition of the model reads. */
const WITHOUT_EFFECT = new Set(['priority', 'nftrace', 'secmark', 'rtclassid', 'label', 'event', 'broute']);

interface Target {
  readonly field: AssignableField;
  readonly type: DataType;
  readonly shift: number;
  readonly bits: number;
  /** Only packets of the family have the field; others end the rule. */
  readonly family?: 4 | 6;
}

/** More answers of a map than this make the field unknown. */
const MOST_ARMS = 1024;

/**
 * `meta mark set …`, `ct mark set …`, `ip dscp set …` and the like.
 *
 * @param rest what the rule does behind it
 * @returns the rules where the value comes of a map; else undefined, and the draft has the assignment
 */
export function lowerAssign(
  statement: Assign,
  draft: Draft,
  context: RuleContext,
  rest: (draft: Draft) => readonly Rule[],
): readonly Rule[] | undefined {
  const { to, from } = statement;
  const target = targetOf(to);
  if (target !== undefined && from.kind === 'map') {
    const split = assignFromMap(statement, target, draft, context, rest);
    if (split !== undefined) return split;
  }
  const needed = allOf([answers(from, statement.text, context), written(to, context)]);
  draft.require(needed);
  for (const action of plainAssign(statement, target, context)) draft.actions.push(action);
  return undefined;
}

/** A field of an option can be set where there is its header (net/netfilter/nft_exthdr.c, nft_exthdr_tcp_set_eval). */
function written(to: Selector, context: TableContext): Condition {
  return to.kind === 'other' && to.optionOf !== undefined
    ? readable(to, context, opaqueOf('', to, context))
    : ALWAYS;
}

function plainAssign(
  statement: Assign,
  target: Target | undefined,
  context: TableContext,
): readonly Action[] {
  const { to, from, text } = statement;
  if ((to.kind === 'meta' || to.kind === 'ct') && WITHOUT_EFFECT.has(to.key)) return [{ kind: 'note', text }];
  if (isRaw(to)) return changedUnknown(statement, context);
  if (to.kind === 'other' || to.kind === 'exthdr') return [{ kind: 'note', text }];
  if (to.kind === 'meta' && to.key === 'pkttype') return changedUnknown(statement, context);
  if (to.kind === 'ct' && to.key === 'zone') {
    context.problems.cover(
      'approximated',
      statement,
      'connection states are taken as if there were one conntrack zone, but for what follows the first packets of documented connections',
    );
    return [{ kind: 'note', text, zone: zoneOf(to.direction, from), tracks: 'always' }];
  }
  if (target === undefined) return changedUnknown(statement, context);
  const exact = assignedValue(from, target, context);
  if (exact !== undefined) return [...guardActions(target, context), ...exact];
  context.problems.cover(
    'approximated',
    statement,
    `the value is not modelled: ${target.field} is unknown from here on`,
  );
  return [...guardActions(target, context), { kind: 'forget', field: target.field }];
}

/** The first zone that a packet gets stays (net/netfilter/nft_ct.c, nft_ct_set_zone_eval). */
function zoneOf(given: string | undefined, from: Selector): ConnectionZone {
  const direction = given === 'original' || given === 'reply' ? given : 'both';
  const number = from.kind === 'value' ? readNumber(from.value, TYPES.mark) : undefined;
  if (typeof number === 'bigint') return { direction, id: Number(number) };
  return from.kind === 'map' && isOfEnds(from.key) ? { direction, byEnds: true } : { direction };
}

/** Whether all packets of a connection in one direction have the same. */
const isOfEnds = (key: Selector): boolean =>
  (key.kind === 'meta' && ['iif', 'iifname', 'oif', 'oifname'].includes(key.key)) ||
  (key.kind === 'payload' && ['saddr', 'daddr'].includes(key.field));

function changedUnknown(statement: Assign, { problems }: TableContext): readonly Action[] {
  problems.cover(
    'approximated',
    statement,
    'what this changes is not modelled: what happens to the packet from here on is reported as possible',
  );
  return [
    ...writtenFields(statement.to).map((field) => ({ kind: 'forget', field }) as const),
    { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text: statement.text },
  ];
}

/** In a table of both families nft asks first whether the packet has the header (nft(8), PAYLOAD STATEMENT). */
function guardActions({ family }: Target, { table }: TableContext): readonly Action[] {
  const only = table.family === 'ip' ? 4 : table.family === 'ip6' ? 6 : undefined;
  return family === undefined || family === only ? [] : [{ kind: 'require', match: ofFamily(family) }];
}

function targetOf(to: Selector): Target | undefined {
  if (to.kind === 'meta' && to.key === 'mark') return whole('mark', TYPES.mark);
  if (to.kind === 'ct' && to.key === 'mark') return whole('ctmark', TYPES.mark);
  if (to.kind !== 'payload' || (to.protocol !== 'ip' && to.protocol !== 'ip6')) return undefined;
  const family = to.protocol === 'ip' ? 4 : 6;
  if (to.field === 'dscp') return { field: 'tos', type: TYPES.dscp, shift: 2, bits: 6, family };
  if (to.field === 'ecn') return { field: 'tos', type: TYPES.ecn, shift: 0, bits: 2, family };
  if (to.field === (family === 4 ? 'ttl' : 'hoplimit')) return { ...whole('ttl', TYPES.byte), family };
  return undefined;
}

function whole(field: AssignableField, type: DataType): Target {
  return { field, type, shift: 0, bits: type.bits };
}

const WORD = 0xffff_ffff;
const isMark = (field: AssignableField): boolean => field === 'mark' || field === 'ctmark';

/** The bits of the field become the number. */
function assignment({ field, bits, shift }: Target, number: bigint): Action {
  const all = isMark(field) ? WORD : 0xff;
  const mask = ((2 ** bits - 1) * 2 ** shift) % 2 ** 32;
  return { kind: 'assign', field, keep: (all & ~mask) >>> 0, xor: Number(number) * 2 ** shift };
}

function assignedValue(from: Selector, target: Target, context: TableContext): readonly Action[] | undefined {
  const { field } = target;
  if (from.kind === 'value') {
    const number = readNumber(from.value, target.type);
    if (typeof number === 'bigint') return [assignment(target, number)];
    reportBad(number, context);
    return [];
  }
  if (field !== 'mark' && field !== 'ctmark') return undefined;
  const bitwise = markValue(from);
  if (bitwise === undefined) return undefined;
  const { source, and, xor } = bitwise;
  if (source === field) return [{ kind: 'assign', field, keep: and, xor }];
  return [{ kind: 'assign', field, keep: 0, from: source, take: and, xor }];
}

interface MarkValue {
  readonly source: 'mark' | 'ctmark';
  readonly and: number;
  readonly xor: number;
}

/** `meta mark & 0xff | 0x100` as `(mark & and) ^ xor`. */
function markValue(from: Selector): MarkValue | undefined {
  if (from.kind === 'meta' && from.key === 'mark') return { source: 'mark', and: WORD, xor: 0 };
  if (from.kind === 'ct' && from.key === 'mark') return { source: 'ctmark', and: WORD, xor: 0 };
  if (from.kind !== 'binary') return undefined;
  const left = markValue(from.left);
  const right = readNumber(from.right, TYPES.mark);
  if (left === undefined || typeof right !== 'bigint') return undefined;
  const number = Number(right);
  const { source, and, xor } = left;
  if (from.op === '&') return { source, and: (and & number) >>> 0, xor: (xor & number) >>> 0 };
  // What is set by `|` is what is cleared first and then flipped.
  if (from.op === '|') return { source, and: (and & ~number) >>> 0, xor: ((xor & ~number) | number) >>> 0 };
  return from.op === '^' ? { source, and, xor: (xor ^ number) >>> 0 } : undefined;
}

/**
 * `meta mark set tcp dport map { 22 : 1, 80 : 2 }`: a rule for each answer. Exact where no answer changes which key
 * the packet has, and what stands before it can be asked again.
 */
function assignFromMap(
  statement: Assign,
  target: Target,
  draft: Draft,
  context: RuleContext,
  rest: (draft: Draft) => readonly Rule[],
): readonly Rule[] | undefined {
  if (statement.from.kind !== 'map') return undefined;
  const open = opaqueOf(statement.text, statement, context);
  const expected = `a key and a value of the type ${target.type.name}`;
  const map = mapArms(statement.from.key, statement.from.data, context, open, isValue, expected);
  if (map === undefined || map.open || map.arms.length > MOST_ARMS) return undefined;
  const numbers = map.arms.map(({ data }) => readNumber(data as Value, target.type));
  const wrong = numbers.find((number) => typeof number !== 'bigint');
  if (wrong !== undefined && typeof wrong !== 'bigint') {
    reportBad(wrong, context);
    return [];
  }
  if (!draft.effectless) return undefined;
  const base = draft.copy().require(map.guard);
  const rules = map.arms.flatMap(({ condition }, at) => {
    const own = base.copy().require(condition);
    own.actions.push(...guardActions(target, context), assignment(target, numbers[at] as bigint));
    return rest(own);
  });
  const done = rules.flatMap(({ actions }) => actions);
  const asked = map.arms.map(({ condition }) => condition);
  return map.arms.length > 1 && interferes(done, asked) ? undefined : rules;
}
