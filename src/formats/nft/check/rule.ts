import type { Rule, Selector, Statement, Value } from '../ast/ast.ts';
import { checkAssignment } from './assignment.ts';
import { checkBoxes } from './boxes.ts';
import { checkDynamic, checkObjectName, checkReference, checkRemoval } from './dynamic.ts';
import { checkNat } from './nat.ts';
import { isNegatable } from './negation.ts';
import { Protocols } from './protocol.ts';
import { checkSent } from './sent.ts';
import { checkReject, checkTableOf } from './family.ts';
import { checkMap, fits, namedSet, type Types, typesOf, unsaidAddress } from './value-types.ts';
import {
  type CheckContext,
  checkElements,
  checkMask,
  checkTarget,
  checkValue,
  type DataTypes,
  shownTypes,
} from './value.ts';
import { expressionType } from '../types/types.ts';

/** What nft's evaluation refuses in a rule (src/evaluate.c of nftables). Stops at the rule's first error. */
export function checkRule(rule: Rule, context: CheckContext): void {
  const protocols = new Protocols(context.table.family, context.problems);
  let ended: Statement | undefined;
  for (const statement of rule.statements) {
    if (ended !== undefined) {
      context.problems.error(
        'after-the-end',
        statement,
        'this is never reached: the statement before it ends the rule',
        {
          expected: 'the end of the rule',
        },
      );
      return;
    }
    if (!checkStatement(statement, protocols, context)) return;
    if (isLast(statement)) ended = statement;
  }
}

function isLast(statement: Statement): boolean {
  if (statement.kind === 'verdict') return statement.verdict.kind !== 'continue';
  if (statement.kind === 'unknown') return /^(?:queue|fwd)\b/.test(statement.text);
  // nft takes what stands behind `jump { … }`, and the kernel never comes to it.
  return statement.kind === 'reject' || statement.kind === 'nat';
}

function checkStatement(statement: Statement, protocols: Protocols, context: CheckContext): boolean {
  switch (statement.kind) {
    case 'match':
      return checkMatch(statement, protocols, context);
    case 'vmap':
      return checkVerdictMap(statement, protocols, context);
    case 'verdict':
      return checkTarget(statement.verdict, context);
    case 'assign':
      return checkAssignment(statement, protocols, context);
    case 'nat':
      return checkTableOf(statement, context) && checkNat(statement, protocols, context);
    case 'reject':
      return checkTableOf(statement, context) && checkReject(statement, protocols, context);
    case 'uncertain':
      return (
        checkTableOf(statement, context) &&
        checkReference(statement, context) &&
        checkSent(statement, protocols, context) &&
        readsRight(statement, protocols, context) &&
        checkDynamic(statement, protocols, context)
      );
    case 'note':
      return (
        checkTableOf(statement, context) &&
        checkReference(statement, context) &&
        checkSent(statement, protocols, context) &&
        (statement.sent !== undefined || readsRight(statement, protocols, context)) &&
        checkRemoval(statement, protocols, context)
      );
    case 'unknown':
      return (
        checkTableOf(statement, context) &&
        checkReference(statement, context) &&
        checkSent(statement, protocols, context) &&
        readsRight(statement, protocols, context)
      );
    default:
      return true;
  }
}

/** What a statement reads besides its key, and the types of the map's keys. */
function readsRight(
  { reads = [], gives }: Extract<Statement, { kind: 'note' | 'uncertain' | 'unknown' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  return reads.every((one) => {
    if (!protocols.read(one)) return false;
    if (one.kind !== 'map') return true;
    if (one.data.kind === 'set-ref') return gives === undefined || isMapOfObjects(one.key, one.data, context);
    if (one.data.kind !== 'set') return true;
    const keys = typesOf(one.key, context);
    if (keys === undefined || !checkMap(one.data.elements, keys, [undefined], context)) return false;
    return one.data.elements.every(
      ({ data }) =>
        gives === undefined || data?.kind !== 'symbol' || checkObjectName(gives, data.text, data, context),
    );
  });
}

/** `counter name tcp dport map @counters`: of which kind the objects are nft does not ask. */
function isMapOfObjects(
  key: Selector,
  data: Extract<Value, { kind: 'set-ref' }>,
  context: CheckContext,
): boolean {
  const keys = typesOf(key, context);
  const set = keys && namedSet(data.name, data, context);
  if (keys === undefined || set === undefined || !fits(keys, set, data, context)) return false;
  if (set.isMap && !set.verdicts && set.data === undefined) return true;
  context.problems.error('no-map', data, `\`${data.name}\` is no map of objects`, {
    expected: 'a map with `: counter` or the like in its type',
  });
  return false;
}

function checkMatch(
  match: Extract<Statement, { kind: 'match' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { left, right, op, mask } = match;
  if (!protocols.read(left) || !isComparable(left, right, context)) return false;
  const types = comparedTypes(left, right, protocols, context);
  if (types === undefined) return left.kind === 'value';
  const many = right.kind === 'set-ref' || (right.kind === 'set' && right.elements.length > 1);
  if (/^[<>]/.test(op) && (many || types.length > 1)) {
    context.problems.error('bad-value', right, 'less and greater need one value', { expected: 'one value' });
    return false;
  }
  if (right.kind === 'set' && isEmpty(right, context)) return false;
  if (right.kind === 'set') {
    if (!checkElements(right.elements, types, 'none', context)) return false;
    if (types.length > 1 && !checkBoxes(right.elements, types, 'none', context.problems)) return false;
  } else if (right.kind === 'set-ref') {
    const set = namedSet(right.name, right, context);
    if (set === undefined || !fits(types, set, right, context)) return false;
  } else if (types.length > 1) {
    context.problems.error('not-a-set', right, 'several fields at once can only be looked up in a set', {
      expected: `a set of ${shownTypes(types)} in braces, or the name of one`,
    });
    return false;
  } else if (!checkValue(right, types, context)) return false;
  else if (match.none === true && !isNegatable(match, types, context)) return false;
  else if (mask !== undefined && !checkMask(mask, types, context)) return false;
  else if ((right.kind === 'range' || right.kind === 'prefix') && /^[<>]/.test(op)) {
    context.problems.error('bad-value', right, 'less and greater need one value', { expected: 'one value' });
    return false;
  }
  if (op === '==' || op === 'implicit') protocols.learn(left, right);
  return true;
}

function isEmpty(set: Extract<Value, { kind: 'set' }>, { problems }: CheckContext): boolean {
  if (set.elements.length > 0 || problems.free) return false;
  problems.error('empty-set', set, 'this set has no elements', { expected: 'at least one' });
  return true;
}

/** What is compared. An address of a connection whose family is not said is of the one that the rule is about. */
function comparedTypes(
  left: Selector,
  right: Value,
  { network }: Protocols,
  context: CheckContext,
): Types | undefined {
  // nft takes the rule's family, whichever is said.
  const hop = left.kind === 'other' && /^rt (?:ip6? )?nexthop$/.test(left.words ?? '');
  if (hop && network !== undefined && network !== 'arp') return [expressionType(`${network} saddr`)];
  const single = right.kind === 'set' ? right.elements.length === 1 : right.kind !== 'set-ref';
  return (single ? unsaidAddress(left, network) : undefined) ?? typesOf(left, context);
}

/** A register of nftables has 128 bits (include/uapi/linux/netfilter/nf_tables.h, NFT_REG_SIZE). */
const REGISTER = 128;

/** Some expressions can only be looked up in sets, or only be set. */
function isComparable(left: Selector, right: Value, { problems }: CheckContext): boolean {
  const constant = right.kind !== 'set' && right.kind !== 'set-ref';
  const unread = left.kind === 'ct' && left.key === 'event';
  const label = (left.kind === 'ct' || left.kind === 'meta') && left.key === 'secmark';
  const wide = left.kind === 'other' && (left.bits ?? 0) > REGISTER;
  const name = left.kind === 'fib' && left.result === 'oifname' && isExistence(right);
  if (!unread && !name && left.kind !== 'map' && !(constant && (label || wide))) return true;
  problems.error('not-comparable', left, 'this cannot be compared with that', {
    expected: unread
      ? '`ct event set …`'
      : name
        ? '`oif` in place of `oifname`'
        : 'a set, or another expression',
  });
  return false;
}

const isExistence = (value: Value): boolean =>
  value.kind === 'symbol' && (value.text === 'exists' || value.text === 'missing');

function checkVerdictMap(
  { key, data }: Extract<Statement, { kind: 'vmap' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (!protocols.read(key)) return false;
  const types = typesOf(key, context);
  if (types === undefined) return false;
  if (data.kind === 'set')
    return !isEmpty(data, context) && checkMap(data.elements, types, 'verdict', context);
  return data.kind === 'set-ref' && checkMapRef(data, types, 'verdict', context);
}

function checkMapRef(
  data: Extract<Value, { kind: 'set-ref' }>,
  keys: Types,
  wanted: DataTypes,
  context: CheckContext,
): boolean {
  const set = namedSet(data.name, data, context);
  if (set === undefined || !fits(keys, set, data, context)) return false;
  const ok = set.isMap && (wanted !== 'verdict' || set.verdicts);
  if (!ok)
    context.problems.error('no-map', data, `\`${data.name}\` is no map of verdicts`, {
      expected: 'a map with `: verdict` in its type',
    });
  return ok;
}
