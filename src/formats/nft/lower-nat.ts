import { addressMaximum } from '../../packet/address.ts';
import type { Condition } from '../../rule/condition.ts';
import type { TranslateAction } from '../../rule/ruleset.ts';
import type { Statement, Value } from './ast.ts';
import { readNumber, readRanges, TYPES } from './datatypes.ts';
import { ofFamily } from './leaf.ts';
import { opaque, reportBad, type TableContext } from './lower-match.ts';

type Nat = Extract<Statement, { kind: 'nat' }>;
type Address = NonNullable<TranslateAction['address']>;

interface Lowered {
  readonly conditions: readonly Condition[];
  readonly action: TranslateAction;
}

/** A translation (net/netfilter/nft_nat.c); where a map chooses, any address and port may come out, or the rule ends. */
export function lowerNat(nat: Nat, context: TableContext): Lowered {
  const what = nat.what === 'dnat' || nat.what === 'redirect' ? 'dnat' : 'snat';
  const local = nat.what === 'redirect' || nat.what === 'masquerade';
  const family = familyOf(nat, context);
  const conditions: Condition[] = [];
  if (context.table.family === 'inet' && family !== undefined && !local) conditions.push(ofFamily(family));
  const chosen = (nat.address !== undefined && nat.address.kind !== 'value') || nat.portFrom !== undefined;
  if (chosen) {
    conditions.push(opaque(nat.text, true, nat, context));
    const hi = family === undefined ? addressMaximum(6) : addressMaximum(family);
    const anywhere: Address = { kind: 'range', lo: 0n, hi };
    return {
      conditions,
      action: {
        kind: 'translate',
        what,
        address: local ? { kind: 'local' } : anywhere,
        port: { lo: 0, hi: 0xffff },
      },
    };
  }
  const address = local ? ({ kind: 'local' } as const) : addressOf(nat, family ?? 4, context);
  const port = nat.port === undefined ? undefined : portsOf(nat.port, context);
  return {
    conditions,
    action: { kind: 'translate', what, ...(address && { address }), ...(port && { port }) },
  };
}

function familyOf(nat: Nat, { table }: TableContext): 4 | 6 | undefined {
  if (nat.family !== undefined) return nat.family === 'ip' ? 4 : 6;
  if (table.family === 'ip') return 4;
  if (table.family === 'ip6') return 6;
  if (nat.address?.kind !== 'value') return undefined;
  return firstText(nat.address.value).includes(':') ? 6 : 4;
}

function firstText(value: Value): string {
  if (value.kind === 'symbol') return value.text;
  if (value.kind === 'range') return firstText(value.lo);
  if (value.kind === 'prefix') return firstText(value.base);
  return '';
}

function addressOf(nat: Nat, family: 4 | 6, context: TableContext): Address | undefined {
  if (nat.address?.kind !== 'value') return undefined;
  const { value } = nat.address;
  const type = family === 4 ? TYPES.ipv4 : TYPES.ipv6;
  if (nat.prefix && value.kind === 'prefix') {
    const base = readNumber(value.base, type);
    if (typeof base !== 'bigint' || value.length > type.bits) {
      reportBad(typeof base === 'bigint' ? { value, expected: 'a shorter prefix' } : base, context);
      return undefined;
    }
    const mask = addressMaximum(family) & ~((1n << BigInt(type.bits - value.length)) - 1n);
    return { kind: 'prefix', mask, value: base & mask };
  }
  const ranges = readRanges([value], type);
  if ('expected' in ranges) {
    reportBad(ranges, context);
    return undefined;
  }
  return { kind: 'range', lo: ranges[0] as bigint, hi: ranges[1] as bigint };
}

function portsOf(value: Value, context: TableContext): TranslateAction['port'] {
  const ranges = readRanges([value], TYPES.port);
  if (!('expected' in ranges)) return { lo: Number(ranges[0]), hi: Number(ranges[1]) };
  reportBad(ranges, context);
  return undefined;
}
