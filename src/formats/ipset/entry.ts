import { parseIPv4 } from '../../packet/address.ts';
import type { SetPart } from '../../rule/named-set.ts';
import { parseAddressPart } from './addresses.ts';
import { type PartResult, parsePlainPort, parsePortPart } from './ports.ts';
import { parseNumber, type SetSpec } from './types.ts';

/** The elements that an entry stands for, each as its parts; or what is wrong, with its place in the entry. */
export type EntryResult =
  | { readonly ok: true; readonly elements: readonly (readonly SetPart[])[] }
  | {
      readonly ok: false;
      readonly message: string;
      readonly expected: string;
      readonly help?: string;
      /** Offsets into the entry. */
      readonly start: number;
      readonly end: number;
    };

/** How many elements one entry may become (networks of ranges in two dimensions, addresses under a bitmask). */
const MOST_ELEMENTS = 65536;

/** One IPv4 address or network with its prefix length: the entry that a million lines have. */
export interface PlainEntry {
  readonly lo: number;
  readonly prefix: number;
}

/** Whether entries of the set can be read by {@link readPlainEntry}. */
export function takesPlainEntries(spec: SetSpec): boolean {
  const name = spec.type.name;
  return (
    (name === 'hash:ip' || name === 'hash:net') &&
    spec.family === 4 &&
    spec.netmask === undefined &&
    spec.bitmask === undefined
  );
}

/** A plain entry; undefined where the text is anything else, right or wrong, which {@link readEntry} then tells. */
export function readPlainEntry(text: string, spec: SetSpec): PlainEntry | undefined {
  const slash = text.indexOf('/');
  const address = parseIPv4(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const isNet = spec.type.name === 'hash:net';
  if (slash < 0) return address === 0 && !isNet ? undefined : { lo: address, prefix: 32 };
  const prefix = isNet ? parseNumber(text.slice(slash + 1), 1, 32) : undefined;
  if (prefix === undefined) return undefined;
  const size = 2 ** (32 - prefix);
  return { lo: address - (address % size), prefix };
}

/** Reads an entry of any set type but list:set. */
export function readEntry(text: string, spec: SetSpec): EntryResult {
  const dimensions = spec.type.dimensions;
  const texts = text.split(',', dimensions.length + 1);
  const optionalMac = spec.type.name === 'bitmap:ip,mac' && texts.length === 1;
  if (texts.length > dimensions.length) return wholeEntry(text, 'has too many parts', spec);
  if (texts.length < dimensions.length && !optionalMac) return wholeEntry(text, 'has too few parts', spec);
  let elements: (readonly SetPart[])[] = [[]];
  for (let at = 0, start = 0; at < texts.length; at++) {
    const part = texts[at] as string;
    const result = part === '' ? emptyPart() : readPart(part, spec, at);
    if (!result.ok) return { ...result, start, end: start + part.length };
    if (elements.length * result.parts.length > MOST_ELEMENTS)
      return wholeEntry(text, `stands for more than ${MOST_ELEMENTS} elements`, spec);
    elements = elements.flatMap((known) => result.parts.map((next) => [...known, next]));
    start += part.length + 1;
  }
  if (optionalMac) elements = elements.map((known) => [...known, { kind: 'mac', mac: undefined }]);
  return spec.type.name === 'hash:ip,mark' ? withoutNull(text, spec, elements) : { ok: true, elements };
}

function readPart(text: string, spec: SetSpec, at: number): PartResult<SetPart> {
  switch (spec.type.dimensions[at]) {
    case 'ip':
    case 'net':
      return spec.type.name === 'bitmap:ip,mac'
        ? boundedAddress(text, spec)
        : parseAddressPart(text, spec, at);
    case 'port':
      return spec.type.name === 'bitmap:port' ? boundedPort(text, spec) : parsePortPart(text, spec.family);
    case 'mac':
      return macPart(text, spec);
    case 'mark':
      return markPart(text, spec);
    default:
      return ifacePart(text);
  }
}

function boundedAddress(text: string, spec: SetSpec): PartResult<SetPart> {
  const result = parseAddressPart(text, spec, 0);
  const part = result.ok ? result.parts[0] : undefined;
  const range = spec.range as { lo: number; hi: number };
  if (part === undefined || (part.lo >= BigInt(range.lo) && part.hi <= BigInt(range.hi))) return result;
  return { ok: false, message: `\`${text}\` is out of the set's range`, expected: 'an address of the range' };
}

function boundedPort(text: string, spec: SetSpec): PartResult<SetPart> {
  const result = parsePlainPort(text);
  const part = result.ok ? result.parts[0] : undefined;
  const range = spec.range as { lo: number; hi: number };
  if (part === undefined || (part.lo >= range.lo && part.hi <= range.hi)) return result;
  return { ok: false, message: `\`${text}\` is out of the set's range`, expected: 'a port of the range' };
}

function macPart(text: string, spec: SetSpec): PartResult<SetPart> {
  const expected = 'six bytes in hexadecimal, `aa:bb:cc:dd:ee:ff`';
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text))
    return { ok: false, message: `\`${text}\` is no MAC address`, expected };
  const mac = text.split(':').reduce((value, byte) => value * 256 + Number.parseInt(byte, 16), 0);
  if (mac === 0 && spec.type.name.startsWith('hash:'))
    return { ok: false, message: 'the null MAC address cannot be stored in a hash type of set', expected };
  return { ok: true, parts: [{ kind: 'mac', mac }] };
}

function markPart(text: string, spec: SetSpec): PartResult<SetPart> {
  const mark = parseNumber(text, 0, 0xffff_ffff);
  if (mark === undefined)
    return { ok: false, message: `\`${text}\` is no mark`, expected: 'a number from 0 to 4294967295' };
  return { ok: true, parts: [{ kind: 'mark', value: (mark & spec.markmask) >>> 0, mask: spec.markmask }] };
}

/** `[physdev:]iface`; whether it is a wildcard is an option of the element. */
function ifacePart(text: string): PartResult<SetPart> {
  const physdev = text.startsWith('physdev:');
  const name = physdev ? text.slice('physdev:'.length) : text;
  const expected = 'an interface name of at most 15 characters';
  if (name === '') return { ok: false, message: 'the interface has no name', expected };
  if (name.length > 15)
    return {
      ok: false,
      message: `interface name \`${name.slice(0, 80)}\` is longer than 15 characters`,
      expected,
    };
  return { ok: true, parts: [{ kind: 'iface', name, wildcard: false, physdev }] };
}

/** hash:ip,mark stores the null address and mark 0 alone, but not together. */
function withoutNull(text: string, spec: SetSpec, elements: readonly (readonly SetPart[])[]): EntryResult {
  const isNull = elements.some(
    ([ip, mark]) => ip?.kind === 'address' && ip.lo === 0n && mark?.kind === 'mark' && mark.value === 0,
  );
  return isNull
    ? wholeEntry(text, 'is the null element, which cannot be stored', spec)
    : { ok: true, elements };
}

function emptyPart(): PartResult<SetPart> {
  return { ok: false, message: 'a part of the entry is empty', expected: 'a value between the commas' };
}

function wholeEntry(text: string, what: string, spec: SetSpec): EntryResult {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const expected = `\`${spec.type.dimensions.join(',')}\`, as \`${spec.type.name}\` takes it`;
  return { ok: false, message: `\`${shown}\` ${what}`, expected, start: 0, end: text.length };
}
