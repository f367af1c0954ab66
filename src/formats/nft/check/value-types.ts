import type { Element, NamedSet, Place, Selector } from '../ast/ast.ts';
import { checkBoxes } from './boxes.ts';
import { checkCatchAll, checkOverlap } from './overlap.ts';
import { type CheckContext, checkElements, checkValue, type DataTypes, shownTypes } from './value.ts';
import { WHOLE } from '../missing.ts';
import { tellStillNamed } from '../script/still-named.ts';
import { expressionType, integerType, type ValueType } from '../types/types.ts';

/** The types of a concatenation's parts, or of the one expression; undefined parts are not checked. */
export type Types = readonly (ValueType | undefined)[];

/** What an expression gives, told where it is wrong; undefined behind an error. */
export function typesOf(selector: Selector, context: CheckContext): Types | undefined {
  switch (selector.kind) {
    case 'concat': {
      const all: (ValueType | undefined)[] = [];
      for (const one of selector.of) {
        const types = typesOf(one, context);
        if (types === undefined || !isSized(types, one, context)) return undefined;
        all.push(...types);
      }
      return all;
    }
    case 'binary':
      return binaryTypes(selector, context);
    case 'map':
      return mapTypes(selector, context);
    case 'payload':
      return [expressionType(`${selector.protocol} ${selector.field}`)];
    case 'meta':
      return [expressionType(`meta ${selector.key}`)];
    case 'ct':
      return connectionTypes(selector, context);
    case 'fib':
      return fibTypes(selector, context);
    case 'exthdr':
      return [
        selector.field === undefined
          ? expressionType('option')
          : expressionType(`${selector.header} ${selector.field}`),
      ];
    case 'other':
      return [otherType(selector)];
    case 'value':
      return [undefined];
  }
}

/** Texts of any length have no room beside others (src/evaluate.c of nftables, expr_evaluate_concat). */
function isSized(types: Types, place: Place, { problems, declares }: CheckContext): boolean {
  if (types[0]?.name !== 'string' || declares === true || problems.free) return true;
  problems.error('bad-value', place, 'this is a text of any length, and cannot be joined with others', {
    expected: 'a comparison of its own',
  });
  return false;
}

/** Numbers of a raw field, of a generator, or what `nft describe` knows. */
function otherType({ words, bits, most, raw }: Extract<Selector, { kind: 'other' }>): ValueType | undefined {
  if (most !== undefined) return { ...integerType(32), most };
  if (bits !== undefined) return { ...integerType(bits), raw: raw !== undefined };
  if (words === 'socket transparent' || words === 'socket wildcard') return { ...integerType(8), most: 1n };
  return words === undefined ? undefined : expressionType(words.replace(/^ipsec out/, 'ipsec in'));
}

function binaryTypes(
  selector: Extract<Selector, { kind: 'binary' }>,
  context: CheckContext,
): Types | undefined {
  const left = typesOf(selector.left, context);
  if (left === undefined) return undefined;
  const shift = selector.op === '<<' || selector.op === '>>';
  if (left.length === 1 && !checkValue(selector.right, [shift ? integerType(8) : left[0]], context))
    return undefined;
  return left;
}

/** The type of an address of a connection whose family is not said, in a rule about one family. */
export function unsaidAddress(selector: Selector, network: string | undefined): Types | undefined {
  if (selector.kind === 'binary') return unsaidAddress(selector.left, network);
  const unsaid = selector.kind === 'ct' && /^[sd]addr$/.test(selector.key) && selector.family === undefined;
  return unsaid && network !== undefined ? [expressionType(`${network} saddr`)] : undefined;
}

/** An address of a connection has the rule's family where it is compared with one value (src/ct.c of nftables). */
function connectionTypes(
  selector: Extract<Selector, { kind: 'ct' }>,
  { problems }: CheckContext,
): Types | undefined {
  const { key, direction, family } = selector;
  if (key === 'saddr' || key === 'daddr') {
    if (family !== undefined) return [expressionType(`ct original ${family} ${key}`)];
    if (problems.free) return [undefined];
    problems.error('no-family', selector, 'the family of this address is not said', {
      expected: `\`ct ${direction ?? 'original'} ip ${key}\` or \`ct ${direction ?? 'original'} ip6 ${key}\``,
    });
    return undefined;
  }
  if (key === 'proto-src' || key === 'proto-dst') return [expressionType('tcp dport')];
  return [(direction && expressionType(`ct original ${key}`)) ?? expressionType(`ct ${key}`)];
}

/** `fib saddr . iif oif` (src/fib.c of nftables). */
function fibTypes(
  selector: Extract<Selector, { kind: 'fib' }>,
  { problems }: CheckContext,
): Types | undefined {
  const { flags, result } = selector;
  const has = (flag: string): boolean => flags.includes(flag);
  // The way by a device says nothing of devices (net/netfilter/nft_fib.c, nft_fib_init).
  if (has('oif') && result !== 'type') {
    problems.error('bad-fib', selector, 'this asks by which device a packet of one device leaves', {
      expected: `\`fib … ${result}\` without \`oif\` before it`,
    });
    return undefined;
  }
  const wrong = has('saddr') === has('daddr') || (has('iif') && has('oif'));
  if (!wrong) return [result === 'oif' ? undefined : expressionType(`fib ${result}`)];
  problems.error('bad-fib', selector, 'this asks the routes for no address, or for two', {
    expected: 'either `saddr` or `daddr`, and at most one of `iif` and `oif`',
  });
  return undefined;
}

function mapTypes(selector: Extract<Selector, { kind: 'map' }>, context: CheckContext): Types | undefined {
  const keys = typesOf(selector.key, context);
  if (keys === undefined) return undefined;
  const { data } = selector;
  if (data.kind === 'set')
    // What the data are is known where the map's value goes.
    return checkMap(data.elements, keys, [undefined], context) ? [] : undefined;
  if (data.kind !== 'set-ref') return undefined;
  const set = namedSet(data.name, data, context);
  if (set === undefined || !fits(keys, set, data, context)) return undefined;
  if (set.isMap && !set.verdicts) return set.data ?? [];
  context.problems.error(
    'no-map',
    data,
    `\`${data.name}\` is a ${set.isMap ? 'map of verdicts' : 'set and no map'}`,
    {
      expected: 'a map of values',
      ...(set.isMap && { help: 'verdicts are looked up by `vmap`' }),
    },
  );
  return undefined;
}

/** The elements of a map without a name, of which no key has two answers. */
export function checkMap(
  elements: readonly Element[],
  keys: Types,
  data: DataTypes,
  context: CheckContext,
): boolean {
  if (!checkElements(elements, keys, data, context) || !checkCatchAll(elements, data, context.problems))
    return false;
  return keys.length > 1
    ? checkBoxes(elements, keys, data, context.problems)
    : checkOverlap(elements, keys[0], data, context.problems);
}

/** A set of the table. */
export function namedSet(
  name: string,
  place: { readonly start: number; readonly end: number },
  { table, problems }: CheckContext,
): NamedSet | undefined {
  const set = table.sets.get(name);
  if (set === undefined && !tellStillNamed(table, `set ${name}`, place, problems))
    problems.error('no-such-set', place, `there is no set \`${name}\` in this table`, {
      expected: 'a set or map that the table defines',
      help: WHOLE,
    });
  return set;
}

/** Whether a set's elements are what an expression gives. */
export function fits(
  types: Types,
  set: NamedSet,
  place: { readonly start: number; readonly end: number },
  { problems }: CheckContext,
): boolean {
  const { keys } = set;
  if (keys === undefined) return true;
  const same =
    keys.length === types.length &&
    keys.every(
      (key, at) =>
        key === undefined ||
        types[at] === undefined ||
        types[at]?.raw === true ||
        alike(key, types[at] as ValueType),
    );
  if (same) return true;
  problems.error('type-mismatch', place, `\`${set.name}\` has elements of another type`, {
    expected: `a set of ${shownTypes(types)}`,
    help: `the elements of \`${set.name}\` are ${shownTypes(keys)}`,
  });
  return false;
}

/** Whether two types can be compared: the same name, or numbers of the same size. */
export function alike(a: ValueType, b: ValueType): boolean {
  if (a.name === b.name) return a.name !== 'integer' || a.bits === b.bits || a.bits === 0 || b.bits === 0;
  const names = new Set([a.name, b.name]);
  return names.has('string') && names.has('ifname');
}
