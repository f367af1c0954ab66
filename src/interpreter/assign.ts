import { FRAGMENTS, PACKET_TYPES } from '../packet/packet.ts';
import type { AssignAction, ForgettableField } from '../rule/action.ts';
import { type Domain, equal, everyAddress, known, ofValues, onlyValue, size, valuesOf } from './domain.ts';
import { bitwiseAnd } from './masks.ts';
import { type AddressField, bytesChange, hasConnection, type Walk } from './walk.ts';

type ForgettableNumber = Exclude<ForgettableField, AddressField> | 'origSport' | 'origDport';

/** Widths of the fields, as their greatest values. */
const MAXIMUM: Record<ForgettableNumber, number> = {
  mark: 0xffffffff,
  ctmark: 0xffffffff,
  tos: 0xff,
  ttl: 0xff,
  tcpFlags: 0xff,
  protocol: 0xff,
  sport: 0xffff,
  dport: 0xffff,
  origSport: 0xffff,
  origDport: 0xffff,
  icmpType: 0xff,
  icmpCode: 0xff,
  length: 0xffff,
  mac: 2 ** 48 - 1,
  pkttype: PACKET_TYPES.length - 1,
  fragment: FRAGMENTS.length - 1,
  extensionHeaders: 0xff,
};

/**
 * `field := (field & keep) ^ (from & take) ^ xor`, and then `plus`. What concerns the connection's mark does nothing without a
 * connection (`net/netfilter/xt_connmark.c`, connmark_tg_shift).
 */
export function assign(walk: Walk, action: AssignAction): void {
  const { field, keep, from, take = 0, xor } = action;
  if ((field === 'ctmark' || from === 'ctmark') && !hasConnection(walk)) return;
  const kept = masked(walk.fields[field], keep);
  const taken = from === undefined ? known(0) : masked(walk.fields[from], take);
  const value = combine(kept, taken, xor, MAXIMUM[field]);
  write(walk, field, action.plus === undefined ? value : value && increased(value, action.plus));
}

/** A sum that stays between 0 and 255. */
function increased(domain: Domain, plus: number): Domain {
  return ofValues(valuesOf(domain).map((value) => Math.min(255, Math.max(0, value + plus))));
}

/** The field may have any value from here on. */
export function forget(walk: Walk, field: ForgettableField): void {
  if (field === 'ctmark' && !hasConnection(walk)) return;
  // The connection may begin with what is written: behind conntrack nothing tells the two apart.
  if (field === 'src') forgetAddresses(walk, ['src', 'origSrc']);
  else if (field === 'dst') forgetAddresses(walk, ['dst', 'origDst']);
  else write(walk, field, undefined);
  if (field === 'sport') write(walk, 'origSport', undefined);
  if (field === 'dport') write(walk, 'origDport', undefined);
}

function forgetAddresses(walk: Walk, fields: readonly AddressField[]): void {
  for (const field of fields) {
    walk.addresses[field] = everyAddress(walk.setting.packet.family);
    walk.unknownWrites[field] = (walk.unknownWrites[field] ?? 0) + 1;
    bytesChange(walk);
  }
}

/** @param domain undefined where the new value is not known */
function write(walk: Walk, field: ForgettableNumber, domain: Domain | undefined): void {
  if (domain !== undefined && equal(domain, walk.fields[field]) && onlyValue(domain) !== undefined) return;
  walk.fields[field] = domain ?? [0, MAXIMUM[field]];
  if (onlyValue(walk.fields[field]) === undefined)
    walk.unknownWrites[field] = (walk.unknownWrites[field] ?? 0) + 1;
  // Marks are the host's notes about the packet; the other fields are its bytes.
  if (field !== 'mark' && field !== 'ctmark') bytesChange(walk);
}

/** The values of a field with only the bits of the mask; undefined where they are too many to write down. */
function masked(domain: Domain, mask: number): Domain | undefined {
  if (mask === 0) return known(0);
  if (size(domain) > 65536) return undefined;
  return ofValues(valuesOf(domain).map((value) => bitwiseAnd(value, mask)));
}

function combine(
  kept: Domain | undefined,
  taken: Domain | undefined,
  xor: number,
  maximum: number,
): Domain | undefined {
  if (kept === undefined || taken === undefined || size(kept) * size(taken) > 65536) return undefined;
  const out = new Set<number>();
  for (const a of valuesOf(kept)) for (const b of valuesOf(taken)) out.add(((a ^ b ^ xor) >>> 0) & maximum);
  return ofValues([...out].map((value) => value >>> 0));
}
