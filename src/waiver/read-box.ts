import { textsOf } from '../baseline/addresses.ts';
import type { Located } from '../baseline/located.ts';
import type { Complaints } from '../baseline/ports.ts';
import { complaint, show } from '../baseline/complaint.ts';
import { suggestion } from '../baseline/suggest.ts';
import type { Box, NameSet } from '../finding/report.ts';
import { formatRange, parseAddressRange, parsePrefix } from '../packet/address.ts';
import { PORT_PROTOCOLS } from '../packet/packet.ts';
import { parseProtocol, protocolNames } from '../packet/protocol.ts';
import { normalise, pairsOf } from '../packet/ranges.ts';

type Fields = Omit<Box, 'family'>;

/** One value of a list with what it reads as. */
type Reader = (text: string, value: Located) => [number, number] | string;

/**
 * The boxes that a map in the file stands for: values as people write them (`tcp`, `10.1.0.0/16`, one value in place of a
 * list), and a box for each family that its addresses leave open.
 *
 * @returns undefined, with complaints, where something in it is none
 */
export function readBox(value: Located, complaints: Complaints): Box[] | undefined {
  const before = complaints.length;
  const list = (key: string): readonly Located[] | undefined => {
    const entry = value.entries?.get(key);
    return entry === undefined ? undefined : textsOf(entry);
  };
  const numbers = (key: string, read: Reader): string[] | undefined =>
    list(key) && spans(list(key) ?? [], read, complaints);
  const addresses = [list('sources'), list('destinations')].map(
    (found) => found && readAddresses(found, complaints),
  );
  const protocols = numbers('protocols', protocolOf);
  const fields: Fields = {
    ...(protocols === undefined ? {} : { protocols }),
    ...compact('sourcePorts', numbers('sourcePorts', portOf)),
    ...compact('destinationPorts', numbers('destinationPorts', portOf)),
    ...compact('icmp', icmpTexts(list('icmp'), complaints)),
    ...compact('in', names(value.entries?.get('in'))),
    ...compact('out', names(value.entries?.get('out'))),
    ...Object.fromEntries(
      (['groups', 'exceptGroups', 'peerGroups', 'exceptPeerGroups'] as const).flatMap((key) => {
        const found = list(key);
        return found === undefined ? [] : [[key, found.map((one) => String(one.value)).sort()]];
      }),
    ),
  };
  checkProtocols(value, fields, complaints);
  if (complaints.length > before) return undefined;
  const family = familyOf(value, addresses, fields, complaints);
  if (family === undefined) return undefined;
  return family.map((one) => ({
    family: one,
    ...fields,
    ...compact('sources', addresses[0]?.[one]),
    ...compact('destinations', addresses[1]?.[one]),
  }));
}

function compact<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };
}

/** Values as sorted, disjoint, merged numbers and ranges, as boxes have them. */
function spans(values: readonly Located[], read: Reader, complaints: Complaints): string[] {
  const pairs: [number, number][] = [];
  for (const value of values) {
    const found = read(String(value.value).trim(), value);
    if (typeof found !== 'string') pairs.push(found);
    else
      complaints.push(
        complaint({
          code: 'invalid-value',
          message: `${show(value.value)} is none that these packets can have.`,
          span: value.span,
          expected: found,
          help: suggestion(String(value.value), protocolNames().keys()),
        }),
      );
  }
  return pairsOf(normalise(pairs)).map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}-${hi}`));
}

const protocolOf: Reader = (text) => {
  const one = parseProtocol(text);
  if (one !== undefined) return [one, one];
  return numbersOf(text, 0, 255) ?? 'a protocol: a name such as `tcp`, a number or a range';
};

const portOf: Reader = (text) => numbersOf(text, 0, 65535) ?? 'a port or a range such as `7800-7802`';

function numbersOf(text: string, least: number, most: number): [number, number] | undefined {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const lo = Number(found?.[1]);
  const hi = Number(found?.[2] ?? found?.[1]);
  return found !== null && least <= lo && lo <= hi && hi <= most ? [lo, hi] : undefined;
}

function icmpTexts(values: readonly Located[] | undefined, complaints: Complaints): string[] | undefined {
  return values?.map((value) => {
    const text = String(value.value).trim();
    const [type = '', code = '*', more] = text.split('/');
    const right = more === undefined && [type, code].every((one) => one === '*' || numbersOf(one, 0, 255));
    if (!right)
      complaints.push(
        complaint({
          code: 'invalid-value',
          message: `${show(value.value)} is not an ICMP type and code.`,
          span: value.span,
          expected: '`type/code`, each a number, a range or `*`',
        }),
      );
    return `${type}/${code}`;
  });
}

type ByFamily = { readonly ipv4?: readonly string[]; readonly ipv6?: readonly string[] };

function readAddresses(values: readonly Located[], complaints: Complaints): ByFamily {
  const pairs = { 4: [] as [bigint, bigint][], 6: [] as [bigint, bigint][] };
  for (const value of values) {
    const text = String(value.value).trim();
    const range = parsePrefix(text)?.hostBits === true ? undefined : parseAddressRange(text);
    if (range !== undefined) pairs[range.family].push([range.lo, range.hi]);
    else
      complaints.push(
        complaint({
          code: 'invalid-address',
          message: `${show(value.value)} is not an address, a network or a range.`,
          span: value.span,
          expected:
            'an address, a network with zeros beyond its prefix (`10.1.0.0/16`) or a range (`10.0.0.1-10.0.0.9`)',
        }),
      );
  }
  const texts = (family: 4 | 6): string[] =>
    pairsOf(normalise(pairs[family])).map(([lo, hi]) => formatRange(family, lo, hi));
  return {
    ...(pairs[4].length === 0 ? {} : { ipv4: texts(4) }),
    ...(pairs[6].length === 0 ? {} : { ipv6: texts(6) }),
  };
}

function names(value: Located | undefined): NameSet | undefined {
  if (value === undefined) return undefined;
  const texts = (one: Located | undefined): string[] | undefined =>
    one === undefined
      ? undefined
      : textsOf(one)
          .map((text) => String(text.value))
          .sort();
  if (value.entries === undefined) return { any: texts(value) ?? [] };
  return {
    ...compact('any', texts(value.entries.get('any'))),
    ...compact('except', texts(value.entries.get('except'))),
  };
}

/** Ports and ICMP types mean something only beside their protocols (interfaces.md, "Box"). */
function checkProtocols(value: Located, fields: Fields, complaints: Complaints): void {
  const all = (fields.protocols ?? ['0-255']).every((text) => {
    const [lo, hi] = numbersOf(text, 0, 255) ?? [0, 255];
    for (let number = lo; number <= hi; number++) if (!PORT_PROTOCOLS.includes(number)) return false;
    return true;
  });
  const wrong = (key: string, message: string, expected: string): void => {
    const span = value.entries?.get(key)?.keySpan ?? value.span;
    complaints.push(complaint({ code: 'invalid-value', message, span, expected }));
  };
  for (const key of ['sourcePorts', 'destinationPorts'] as const)
    if (fields[key] !== undefined && !all)
      wrong(
        key,
        `\`${key}\` stands with protocols that have no ports.`,
        '`protocols` with tcp, udp, dccp, sctp or udplite only',
      );
  if (fields.icmp !== undefined && !['1', '58'].includes(fields.protocols?.join() ?? ''))
    wrong(
      'icmp',
      '`icmp` stands with other protocols than ICMP or ICMPv6.',
      '`protocols: icmp` or `protocols: icmpv6`',
    );
}

/** The families that the box is about; an empty product is a mistake. */
function familyOf(
  value: Located,
  addresses: readonly (ByFamily | undefined)[],
  fields: Fields,
  complaints: Complaints,
): readonly ('ipv4' | 'ipv6')[] | undefined {
  const said = value.entries?.get('family')?.value as 'ipv4' | 'ipv6' | undefined;
  const icmp = fields.icmp === undefined ? undefined : fields.protocols?.[0] === '1' ? 'ipv4' : 'ipv6';
  const families = (['ipv4', 'ipv6'] as const)
    .filter((one) => (said ?? one) === one && (icmp ?? one) === one)
    .filter((one) => addresses.every((found) => found === undefined || found[one] !== undefined));
  const missed = addresses.some((found) =>
    found === undefined
      ? false
      : (['ipv4', 'ipv6'] as const).some((one) => found[one] !== undefined && !families.includes(one)),
  );
  if (families.length > 0 && !missed) return families;
  complaints.push(
    complaint({
      code: 'families-mixed',
      message: 'These packets have addresses of two families, or of another than their family says.',
      span: value.span,
      help: 'Write one box for IPv4 and one for IPv6.',
    }),
  );
  return undefined;
}
