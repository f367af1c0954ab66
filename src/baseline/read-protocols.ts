import { parseProtocol } from '../packet/protocol.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { IcmpType } from './baseline.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { OVER_TCP, TRANSPORT_NAMES } from './protocol-words.ts';
import { complaint, show } from './complaint.ts';
import { asEntries, suggestion } from './suggest.ts';

/** The complaint about a key that a connection lacks; it points at the connection's first character. */
export function absent(key: string, place: Located, expected: string): Diagnostic {
  return complaint({
    code: 'missing-key',
    message: `The connection has no \`${key}\`.`,
    span: { ...place.span, end: Math.min(place.span.start + 1, place.span.end) },
    expected,
    help: `Add \`${key}:\`.`,
  });
}

/** The protocols' numbers, sorted. */
export function readProtocols(
  value: Located | undefined,
  place: Located,
  complaints: Complaints,
): readonly number[] {
  if (value === undefined) {
    complaints.push(absent('protocols', place, 'a list of protocols such as `[tcp]`'));
    return [];
  }
  const found: number[] = [];
  for (const item of value.items ?? []) {
    const number = parseProtocol(String(item.value));
    // Protocol 0 is IPv6's hop-by-hop header, no protocol that two parties talk; iptables uses it for "all".
    if (number !== undefined && number !== 0) found.push(number);
    else complaints.push(unknownProtocol(item));
  }
  return [...new Set(found)].sort((a, b) => a - b);
}

function unknownProtocol(item: Located) {
  const name = String(item.value).toLowerCase();
  return complaint({
    code: 'unknown-protocol',
    message: `${show(item.value)} is not a transport protocol.`,
    span: item.span,
    expected: 'a name such as `tcp`, `udp`, `icmp`, `icmpv6`, or a number from 1 to 255',
    help: OVER_TCP.has(name)
      ? `Write \`tcp\` here; the cell under \`cells\` keeps \`${String(item.value)}\`.`
      : (several(name) ?? suggestion(name, TRANSPORT_NAMES)),
  });
}

/** Protocols that stand in one entry, as cells have them (`tcp/udp`). */
function several(text: string): string | undefined {
  const list = text.split(/[/,+ ]+/);
  return list.length > 1 && list.every((one) => parseProtocol(one) !== undefined)
    ? asEntries(list)
    : undefined;
}

/** ICMP types, which stand only beside one of the two ICMP protocols. */
export function readIcmp(
  value: Located | undefined,
  protocols: readonly number[],
  complaints: Complaints,
): readonly IcmpType[] | undefined {
  if (value === undefined) return undefined;
  if (protocols.length !== 1 || (protocols[0] !== 1 && protocols[0] !== 58))
    complaints.push(
      complaint({
        code: 'icmp-types',
        message: 'ICMP types stand beside another protocol.',
        span: value.keySpan ?? value.span,
        expected: '`protocols: [icmp]` or `protocols: [icmpv6]`',
        help: 'Types differ between ICMP and ICMPv6: write one connection for each.',
      }),
    );
  return (value.items ?? []).map((item) => {
    const [type, code] = String(item.value).split('/').map(Number);
    if ((type ?? 256) > 255 || (code ?? 0) > 255)
      complaints.push(
        complaint({
          code: 'icmp-types',
          message: `${show(item.value)} is not an ICMP type.`,
          span: item.span,
          expected: 'a type from 0 to 255, or `type/code` with a code from 0 to 255',
        }),
      );
    return { type: type ?? 0, ...(code === undefined ? {} : { code }) };
  });
}

/** The address families that the connection is about. */
export function readFamilies(
  value: Located | undefined,
  protocols: readonly number[],
  place: Located,
  complaints: Complaints,
): readonly (4 | 6)[] {
  const named = (value?.value as (4 | 6)[] | undefined) ?? [4, 6];
  // ICMP is IPv4's and ICMPv6 is IPv6's, whatever else the row says.
  const families = ([4, 6] as const).filter(
    (family) => named.includes(family) && !protocols.includes(family === 4 ? 58 : 1),
  );
  if (families.length === 0 || (value !== undefined && families.length < named.length))
    complaints.push(
      complaint({
        code: 'icmp-family',
        message: 'The protocol and the address family do not meet.',
        span: (value ?? place).span,
        expected: '`icmp` with family 4, `icmpv6` with family 6',
        help: 'Write one connection for each of the two.',
      }),
    );
  return families;
}
