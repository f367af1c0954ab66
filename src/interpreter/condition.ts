import { type Packet, PORT_PROTOCOLS } from '../packet/packet.ts';
import {
  type Condition,
  type GroupCondition,
  type InterfaceCondition,
  interfaceText,
  type OpaqueCondition,
} from '../rule/condition.ts';
import { addressTypeIs } from './address-type.ts';
import { has } from './domain.ts';
import { matchesPattern, visibleNames } from './interfaces.ts';
import { addressMaskMatches, fieldMaskMatches } from './masks.ts';
import { addressIsIn, fieldIsIn, yesOrNo } from './narrow.ts';
import type { Truth } from './question.ts';
import { isInSet } from './sets.ts';
import { isTranslated } from './translation-state.ts';
import { hasConnection, isIcmp, type NumericField, visibleStateIndex, type Walk } from './walk.ts';

/**
 * Whether a condition holds for the packet as it is now: true, false, or the question that decides. A conjunction
 * with a false part is false whatever its open parts are, so nothing is asked that does not matter.
 */
export function evaluate(condition: Condition, walk: Walk): Truth {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'and':
      return conjunction(condition.of, walk);
    case 'or':
      return disjunction(condition.of, walk);
    case 'not':
      return negated(evaluate(condition.of, walk));
    case 'field':
      return fieldHolds(walk, condition.field, condition.values);
    case 'masked':
      return fieldExists(walk, condition.field) && fieldMaskMatches(walk, condition);
    case 'address':
      return addressExists(walk, condition) && addressIsIn(walk, condition.field, condition.values);
    case 'address-mask':
      return addressExists(walk, condition) && addressMaskMatches(walk, condition);
    case 'interface':
      return interfaceMatches(walk, condition);
    case 'address-type':
      return addressTypeIs(walk, condition);
    case 'translated':
      return isTranslated(walk, condition.what);
    case 'group':
      return isMember(walk.setting.packet, condition);
    case 'set':
      return isInSet(walk, condition);
    case 'opaque':
      return opaqueHolds(walk, condition);
  }
}

/** False where one part is, however the open ones turn out; else the first open question. */
function conjunction(conditions: readonly Condition[], walk: Walk): Truth {
  let open: Truth = true;
  for (const condition of conditions) {
    const truth = evaluate(condition, walk);
    if (truth === false) return false;
    if (open === true) open = truth;
  }
  return open;
}

/** True where one part is, else the first open question. */
function disjunction(conditions: readonly Condition[], walk: Walk): Truth {
  let open: Truth = false;
  for (const condition of conditions) {
    const truth = evaluate(condition, walk);
    if (truth === true) return true;
    if (open === false) open = truth;
  }
  return open;
}

/** An answer is to the question inside; the negation is taken when the condition is evaluated again with it. */
function negated(truth: Truth): Truth {
  return typeof truth === 'boolean' ? !truth : truth;
}

/** Groups whose members nobody gave are written at the packet. */
function isMember({ groups, peerGroups }: Packet, { side, group }: GroupCondition): boolean {
  return (side === 'own' ? groups : peerGroups).includes(group);
}

function fieldHolds(walk: Walk, field: NumericField, values: readonly number[]): Truth {
  if (field === 'state') return has(values, visibleStateIndex(walk));
  return fieldExists(walk, field) && fieldIsIn(walk, field, values);
}

/**
 * Whether the packet has the field at all (packet/fields.ts): ports with the protocols that have them, but not in
 * later fragments, which hold no transport header; likewise ICMP and TCP. A connection's fields need a connection.
 */
function fieldExists(walk: Walk, field: NumericField): boolean {
  const { packet } = walk.setting;
  const header = packet.fragment !== 'later';
  switch (field) {
    case 'sport':
    case 'dport':
      return header && PORT_PROTOCOLS.includes(packet.protocol);
    case 'origSport':
    case 'origDport':
      return header && PORT_PROTOCOLS.includes(packet.protocol) && hasConnection(walk);
    case 'icmpType':
    case 'icmpCode':
      return header && isIcmp(packet);
    case 'tcpFlags':
      return header && packet.protocol === 6;
    case 'ctmark':
      // Without a connection entry a connmark match fails (net/netfilter/xt_connmark.c, connmark_mt).
      return hasConnection(walk);
    default:
      return true;
  }
}

/** The packet is of the family, and has a connection where the address is the connection's. */
function addressExists(walk: Walk, condition: { family: 4 | 6; field: string }): boolean {
  if (condition.family !== walk.setting.packet.family) return false;
  const ofConnection = condition.field === 'origSrc' || condition.field === 'origDst';
  return !ofConnection || hasConnection(walk);
}

function interfaceMatches(walk: Walk, { field, names }: InterfaceCondition): Truth {
  const possible = visibleNames(walk, field);
  const matching = possible.filter((name) => names.some((pattern) => matchesPattern(name, pattern)));
  if (matching.length === 0) return false;
  if (matching.length === possible.length) return true;
  const written = names.map(interfaceText).join(',');
  const question = { kind: 'interface' as const, key: `${field} ${written}` };
  return yesOrNo({ ...question, text: `-${field === 'in' ? 'i' : 'o'} ${written}` }, (w, yes) => {
    w.names[field] = w.names[field].filter((name) => matching.includes(name) === yes);
  });
}

/**
 * A stateless text has one answer for the packet as long as the packet's bytes are the same; a stateful one (and one
 * that can't be met again) is answered for this visit of this place.
 */
function opaqueHolds(walk: Walk, { text, stateful, span, direction, lasting }: OpaqueCondition): Truth {
  const { connection, packet } = walk.setting;
  if (direction !== undefined && connection !== undefined && packet.state === 'established')
    return connection.direction === direction;
  if (lasting) {
    const before = walk.remembered.get(text);
    if (before !== undefined) return before;
    return yesOrNo({ kind: 'opaque', key: text, text, span }, (w, yes) => w.remembered.set(text, yes));
  }
  if (!stateful && walk.setting.repeated.has(text)) {
    const key = `${walk.edition} ${text}`;
    const before = walk.ofBytes.get(text);
    if (before !== undefined) return before;
    return yesOrNo({ kind: 'opaque', key, text, span }, (w, yes) => w.ofBytes.set(text, yes));
  }
  const place = `${text} at ${span.file.path} ${span.start}`;
  const before = walk.local.get(stateful ? place : text);
  if (typeof before === 'boolean') return before;
  const key = stateful ? `${place} visit ${walk.visit}` : `${walk.edition} ${text}`;
  return yesOrNo({ kind: 'opaque', key, text, span, stateful }, (w, yes) =>
    w.local.set(stateful ? place : text, yes),
  );
}
