import {
  addressBits,
  maskPrefix,
  parseAddress,
  parseIPv4,
  parsePrefix,
  prefixMask,
} from '../../packet/address.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { CreateCommand, Word } from './ast.ts';
import { parsePortEnds } from './ports.ts';
import { parseNumber, type SetSpec, type SetType, setType, setTypeNames } from './types.ts';

const UINT32 = 0xffff_ffff;
/** Seconds; the largest timeout that ipset takes (`ipset(8)`, timeout). */
const LONGEST_TIMEOUT = 2147483;

/** Options without a value. */
const FLAGS = new Set(['counters', 'comment', 'skbinfo', 'forceadd', '-4', '-6']);
/** Options of every type. */
const COMMON = new Set(['timeout', 'counters', 'comment', 'skbinfo']);
/** Numeric options whose value decides nothing about what matches, with their bounds. */
const SIZES: Readonly<Record<string, readonly [number, number]>> = {
  hashsize: [0, UINT32],
  bucketsize: [0, 255],
  initval: [0, UINT32],
  size: [0, UINT32],
  timeout: [0, LONGEST_TIMEOUT],
  probes: [0, UINT32],
  resize: [0, UINT32],
  gc: [0, UINT32],
};

type Given = Map<string, { readonly name: Word; readonly value: Word | undefined }>;

/** What a `create` line makes, or why it makes nothing. */
export function readCreate(file: SourceFile, command: CreateCommand): Result<SetSpec> {
  const type = setType(command.type.text);
  if (type === undefined) return failure(unknownType(file, command.type));
  const given = collect(file, type, command);
  if (!given.ok) return given;
  const family = readFamily(file, type, given.value);
  if (!family.ok) return family;
  const range = readRange(file, type, given.value, command.type);
  if (!range.ok) return range;
  const mask = readMask(file, given.value, family.value ?? 4);
  if (!mask.ok) return mask;
  const markmask = readNumber(file, given.value, 'markmask', 1, UINT32, UINT32);
  if (!markmask.ok) return markmask;
  const maxelem = readNumber(file, given.value, 'maxelem', 0, UINT32, 65536);
  if (!maxelem.ok) return maxelem;
  const spec: SetSpec = {
    type,
    family: family.value,
    range: widen(range.value, mask.value.netmask),
    ...mask.value,
    markmask: markmask.value,
    maxelem: maxelem.value === 0 ? 65536 : maxelem.value,
    extensions: new Set([...COMMON].filter((name) => given.value.has(name))),
    origin: { file, start: command.start, end: command.end },
  };
  const error = checkRangeSize(file, spec, command);
  return error === undefined ? success(spec) : failure(error);
}

/** The options by name, each at most once, each with its value where it takes one. */
function collect(file: SourceFile, type: SetType, command: CreateCommand): Result<Given> {
  const given: Given = new Map();
  for (let at = 0; at < command.options.length; at++) {
    const word = command.options[at] as Word;
    const name = word.text.startsWith('--') ? word.text.slice(2) : word.text;
    if (!COMMON.has(name) && !type.create.has(name)) return failure(unknownOption(file, word, type.name));
    if (given.has(name)) return failure(bad(file, word, `option \`${word.text}\` is given twice`));
    const value = FLAGS.has(name) ? undefined : command.options[++at];
    if (value === undefined && !FLAGS.has(name)) return failure(missingValue(file, word));
    const bounds = Object.hasOwn(SIZES, name) ? SIZES[name] : undefined;
    if (bounds !== undefined && value !== undefined && parseNumber(value.text, ...bounds) === undefined)
      return failure(bad(file, value, `\`${name} ${value.text}\` is no number from ${bounds.join(' to ')}`));
    given.set(name, { name: word, value });
  }
  return success(given);
}

function readFamily(file: SourceFile, type: SetType, given: Given): Result<4 | 6 | undefined> {
  if (type.families === 'none') return success(undefined);
  const named = given.get('family')?.value;
  const ways = ['family', '-4', '-6'].filter((name) => given.has(name));
  if (ways.length > 1) {
    const second = given.get(ways[1] as string) as { name: Word };
    return failure(bad(file, second.name, 'the family is given twice'));
  }
  if (given.has('-6') || named?.text === 'inet6' || named?.text === 'ipv6') return success(6);
  if (named === undefined || named.text === 'inet' || named.text === 'ipv4') return success(4);
  return failure({ ...bad(file, named, `unknown family \`${named.text}\``), expected: '`inet` or `inet6`' });
}

function readNumber(
  file: SourceFile,
  given: Given,
  name: string,
  minimum: number,
  maximum: number,
  otherwise: number,
): Result<number> {
  const word = given.get(name)?.value;
  if (word === undefined) return success(otherwise);
  const value = parseNumber(word.text, minimum, maximum);
  if (value !== undefined) return success(value);
  return failure(bad(file, word, `\`${name} ${word.text}\` is no number from ${minimum} to ${maximum}`));
}

/** `range`, or ipset 4's `from` and `to` or `network`; the ends may stand in either order. */
function readRange(file: SourceFile, type: SetType, given: Given, after: Word): Result<SetSpec['range']> {
  if (!type.name.startsWith('bitmap:')) return success(undefined);
  const word = given.get('range')?.value ?? given.get('network')?.value;
  const from = given.get('from')?.value;
  const to = given.get('to')?.value;
  if (word === undefined && (from === undefined || to === undefined))
    return failure({
      ...bad(file, after, 'the mandatory option `range` is missing'),
      expected: '`range FROM-TO`',
    });
  const text = word?.text ?? `${(from as Word).text}-${(to as Word).text}`;
  const ends = type.name === 'bitmap:port' ? parsePortEnds(text) : addressEnds(text);
  if (ends !== undefined) return success({ lo: Math.min(...ends), hi: Math.max(...ends) });
  const expected =
    type.name === 'bitmap:port' ? 'two ports, `FROM-TO`' : '`FROM-TO` or `ADDRESS/LENGTH` (IPv4)';
  return failure({ ...bad(file, word ?? (from as Word), `cannot read the range \`${text}\``), expected });
}

function addressEnds(text: string): [number, number] | undefined {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const prefix = text.includes('/') ? parsePrefix(text) : undefined;
    return prefix?.family === 4 && prefix.prefix > 0 ? [Number(prefix.lo), Number(prefix.hi)] : undefined;
  }
  const lo = parseIPv4(text.slice(0, dash));
  const hi = parseIPv4(text.slice(dash + 1));
  return lo === undefined || hi === undefined ? undefined : [lo, hi];
}

function readMask(
  file: SourceFile,
  given: Given,
  family: 4 | 6,
): Result<{ netmask: number | undefined; bitmask: bigint | undefined }> {
  const netmask = given.get('netmask')?.value;
  const bitmask = given.get('bitmask')?.value;
  if (netmask !== undefined && bitmask !== undefined)
    return failure(bad(file, bitmask, '`netmask` and `bitmask` exclude each other'));
  if (netmask !== undefined) {
    const length = parseNumber(netmask.text, 1, addressBits(family));
    if (length === undefined)
      return failure(
        bad(file, netmask, `\`netmask ${netmask.text}\` is not from 1 to ${addressBits(family)}`),
      );
    return success({ netmask: length === addressBits(family) ? undefined : length, bitmask: undefined });
  }
  if (bitmask === undefined) return success({ netmask: undefined, bitmask: undefined });
  const address = parseAddress(bitmask.text);
  if (address === undefined || address.family !== family || address.value === 0n)
    return failure(bad(file, bitmask, `\`bitmask ${bitmask.text}\` is no mask of the set's family`));
  const prefix = maskPrefix(family, address.value);
  if (prefix === undefined) return success({ netmask: undefined, bitmask: address.value });
  return success({ netmask: prefix === addressBits(family) ? undefined : prefix, bitmask: undefined });
}

/** With a netmask a bitmap's range is that of whole networks. */
function widen(range: SetSpec['range'], netmask: number | undefined): SetSpec['range'] {
  if (range === undefined || netmask === undefined) return range;
  const size = 2 ** (32 - netmask);
  return { lo: range.lo - (range.lo % size), hi: range.hi - (range.hi % size) + size - 1 };
}

/** A bitmap has at most 65,536 places (`ipset(8)`, bitmap:ip). */
function checkRangeSize(file: SourceFile, spec: SetSpec, command: CreateCommand): Diagnostic | undefined {
  if (spec.range === undefined) return undefined;
  const unit = spec.netmask === undefined ? 1n : addressUnit(spec.netmask);
  if (BigInt(spec.range.hi - spec.range.lo + 1) / unit <= 65536n) return undefined;
  return bad(file, command.type, 'the range has more than 65536 places');
}

function addressUnit(netmask: number): bigint {
  return (prefixMask(4, netmask) ^ 0xffff_ffffn) + 1n;
}

function bad(file: SourceFile, word: Word, message: string): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-option',
    message,
    span: { file, start: word.start, end: word.end },
  };
}

function missingValue(file: SourceFile, word: Word): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-missing-argument',
    message: `option \`${word.text}\` lacks its value`,
    span: { file, start: word.end, end: word.end + 1 },
    expected: 'a value',
  };
}

function unknownOption(file: SourceFile, word: Word, type: string): Diagnostic {
  return {
    ...bad(file, word, `unknown argument \`${word.text.slice(0, 80)}\` for a set of type \`${type}\``),
    expected: `a create option of \`${type}\``,
    help: 'see `ipset help` with the type for the options it takes',
  };
}

function unknownType(file: SourceFile, word: Word): Diagnostic {
  return {
    severity: 'error',
    code: 'ipset-unknown-type',
    message: `unknown set type \`${word.text.slice(0, 80)}\``,
    span: { file, start: word.start, end: word.end },
    expected: setTypeNames(),
  };
}
