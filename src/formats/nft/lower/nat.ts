import { addressMaximum } from '../../../packet/address.ts';
import { takesRandomPort } from '../../../rule/random-ports.ts';
import type { TranslateAction } from '../../../rule/action.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Place, Selector, Statement, Table, Value } from '../ast/ast.ts';
import { type MakeOpaque, opaqueOf, type RuleContext, reportBad, type TableContext } from './context.ts';
import { TYPES } from '../types/datatypes.ts';
import { readRanges } from '../types/read-number.ts';
import { Draft } from './draft.ts';
import { ofFamily } from '../selector/leaf.ts';
import { type Arms, isValue, mapArms, mayHaveOthers } from './map-arms.ts';

type Nat = Extract<Statement, { kind: 'nat' }>;
type Address = NonNullable<TranslateAction['address']>;
type Port = NonNullable<TranslateAction['port']>;

/**
 * A translation (net/netfilter/nft_nat.c, nft_redir.c, nft_masq.c). It ends the chain. Where a map gives the address
 * or the port there is a rule for each answer; a packet that the map does not have goes on behind the rule.
 */
export function lowerNat(nat: Nat, draft: Draft, place: Place, context: RuleContext): readonly Rule[] {
  const family = familyOf(nat, context);
  const base = draft.copy();
  const local = nat.what === 'redirect' || nat.what === 'masquerade';
  if (context.table.family === 'inet' && family !== undefined && !(local && nat.family === undefined))
    base.require(ofFamily(family));
  const open = opaqueOf(nat.text, nat, context);
  const addresses = chosen(nat.address, context, open);
  const ports =
    nat.portFrom === undefined ? chosen(undefined, context, open) : chosen(nat.portFrom, context, open);
  if (addresses === undefined || ports === undefined) return [];
  base.require(addresses.guard).require(ports.guard);
  // What has an effect happens once: the translations then stand in a chain of their own.
  const apart = !base.effectless && addresses.arms.length * ports.arms.length > 1;
  const start = apart ? new Draft() : base;
  const rules: Rule[] = [];
  for (const address of addresses.arms)
    for (const port of ports.arms) {
      const own = start.copy().require(address.condition).require(port.condition);
      own.actions.push(translation(nat, family ?? 4, address.data, port.data, context));
      rules.push(own.finish(place, context));
    }
  if (!apart) return rules;
  base.actions.push({ kind: 'jump', chain: context.helper(rules, place) });
  return [base.finish(place, context)];
}

/** A value as the only arm, a map's arms, or nothing at all. */
function chosen(
  from: Selector | undefined,
  context: TableContext,
  open: MakeOpaque,
): Arms<Value | undefined> | undefined {
  const always = { kind: 'always' } as const;
  const one = (data: Value | undefined): Arms<Value | undefined> => ({
    guard: always,
    arms: [{ condition: always, data }],
    open: false,
  });
  if (from === undefined) return one(undefined);
  if (from.kind === 'value') return one(from.value);
  if (from.kind === 'map') {
    const map = mapArms(from.key, from.data, context, open, isValue, 'a key and what to translate to');
    if (map === undefined || !mayHaveOthers(from.data, context)) return map;
    const data = anyAnswer(from, context.table);
    return { ...map, arms: [...map.arms, { condition: open(true, 'giving another'), data }] };
  }
  // What is read of the packet itself (`dnat to ip saddr`) may be anything.
  return {
    guard: open(false),
    arms: [{ condition: always, data: { kind: 'any', ...placeOf(from) } }],
    open: true,
  };
}

/** Any address, or any pair of an address and a port, as the map's type is. */
function anyAnswer({ data, ...place }: Extract<Selector, { kind: 'map' }>, table: Table): Value {
  const any: Value = { kind: 'any', ...placeOf(place) };
  const types = data.kind === 'set-ref' ? table.sets.get(data.name)?.data : undefined;
  return types?.length === 2 ? { kind: 'concat', of: [any, any], ...placeOf(place) } : any;
}

const placeOf = ({ start, end }: Place): Place => ({ start, end });

function translation(
  nat: Nat,
  family: 4 | 6,
  data: Value | undefined,
  chosenPort: Value | undefined,
  context: TableContext,
): TranslateAction {
  const what = nat.what === 'dnat' || nat.what === 'redirect' ? 'dnat' : 'snat';
  const local = nat.what === 'redirect' || nat.what === 'masquerade';
  // `10.0.0.1 . 80`: the map gives both.
  const pair = data?.kind === 'concat' && data.of.length === 2 ? data.of : undefined;
  const to = pair?.[0] ?? data;
  const address: Address | undefined = local
    ? { kind: 'local' }
    : to === undefined
      ? undefined
      : addressOf(to, nat.prefix, family, context);
  const portValue = pair?.[1] ?? chosenPort ?? nat.port;
  const port = portValue === undefined ? undefined : portsOf(portValue, context);
  const random = nat.random === true && takesRandomPort(what, port);
  return {
    kind: 'translate',
    what,
    ...(address && { address }),
    ...(port && { port }),
    ...(random && { random }),
  };
}

function familyOf(nat: Nat, { table }: TableContext): 4 | 6 | undefined {
  if (nat.family !== undefined) return nat.family === 'ip' ? 4 : 6;
  if (table.family === 'ip') return 4;
  if (table.family === 'ip6') return 6;
  if (nat.address === undefined) return undefined;
  const example = exampleOf(nat.address, table);
  if (example === undefined) return familyOfMap(nat.address, table);
  return example.includes(':') ? 6 : 4;
}

/** Of a map without elements its type tells. */
function familyOfMap(from: Selector, table: Table): 4 | 6 | undefined {
  const name = from.kind === 'map' && from.data.kind === 'set-ref' ? from.data.name : undefined;
  const type = name === undefined ? undefined : table.sets.get(name)?.data?.[0]?.name;
  return type === 'ipv4_addr' ? 4 : type === 'ipv6_addr' ? 6 : undefined;
}

/** The text of an address that may come out. */
function exampleOf(from: Selector, table: Table): string | undefined {
  if (from.kind === 'value') return firstText(from.value);
  if (from.kind !== 'map') return undefined;
  const { data } = from;
  const elements =
    data.kind === 'set'
      ? data.elements
      : data.kind === 'set-ref'
        ? table.sets.get(data.name)?.elements
        : undefined;
  const first = elements?.[0]?.data;
  return first === undefined || !isValue(first) ? undefined : firstText(first);
}

function firstText(value: Value): string {
  if (value.kind === 'symbol') return value.text;
  if (value.kind === 'range') return firstText(value.lo);
  if (value.kind === 'prefix') return firstText(value.base);
  if (value.kind === 'concat') return value.of[0] === undefined ? '' : firstText(value.of[0]);
  return '';
}

/**
 * Any of the addresses; with the word `prefix` alone what the ends have in common is put in, and the other bits stay
 * (net/netfilter/nft_nat.c, nft_nat_setup_netmap).
 */
function addressOf(value: Value, prefix: boolean, family: 4 | 6, context: TableContext): Address | undefined {
  const type = family === 4 ? TYPES.ipv4 : TYPES.ipv6;
  if (value.kind === 'any') return { kind: 'range', lo: 0n, hi: addressMaximum(family) };
  const ranges = readRanges([value], type);
  if ('expected' in ranges) {
    reportBad(ranges, context);
    return undefined;
  }
  const [lo, hi] = [ranges[0] as bigint, ranges[1] as bigint];
  if (!prefix || lo === hi) return { kind: 'range', lo, hi };
  const mask = addressMaximum(family) & ~(lo ^ hi);
  return { kind: 'prefix', mask, value: lo & mask };
}

function portsOf(value: Value, context: TableContext): Port | undefined {
  const ranges = readRanges([value], TYPES.port);
  if (!('expected' in ranges)) return { lo: Number(ranges[0]), hi: Number(ranges[1]) };
  reportBad(ranges, context);
  return undefined;
}
