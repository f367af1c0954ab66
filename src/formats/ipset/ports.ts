import { protocolName, parseProtocol } from '../../packet/protocol.ts';
import { exactServicePort } from '../../packet/services.ts';
import type { SetPart } from '../../rule/named-set.ts';
import { parseNumber } from './types.ts';

type PortPart = Extract<SetPart, { kind: 'port' }>;

/** A part of an entry, or what is wrong with its text. */
export type PartResult<T> =
  | { readonly ok: true; readonly parts: readonly T[] }
  | { readonly ok: false; readonly message: string; readonly expected: string; readonly help?: string };

/** Protocols whose ports ipset reads: TCP, UDP, SCTP, UDP-Lite (`ipset(8)`, hash:ip,port). */
const WITH_PORTS = new Set([6, 17, 132, 136]);

const PORT_SYNTAX = '`PORT`, `FROM-TO`, `PROTO:PORT`, `PROTO:FROM-TO`, `icmp:TYPE/CODE` or `PROTO:0`';

/** `[proto:]port` as the hash types take it (`ipset(8)`, hash:ip,port); the default protocol is TCP. */
export function parsePortPart(text: string, family: 4 | 6 | undefined): PartResult<PortPart> {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const protocol = readProtocol(name);
  if (protocol === undefined || protocol === 0) return wrong(`\`${name}\` is no protocol`);
  if (WITH_PORTS.has(protocol)) return portRange(rest, protocol, serviceProtocol(name, protocol));
  if (protocol === 1 || protocol === 58) return icmpPart(rest, protocol, family);
  if (rest === '0') return { ok: true, parts: [{ kind: 'port', protocol, lo: 0, hi: 0 }] };
  return wrong(`protocol \`${name}\` has no ports: only \`${name}:0\` can be stored`);
}

/** A port or a range of ports as bitmap:port takes it; the protocol serves to look a service name up, no more. */
export function parsePlainPort(text: string): PartResult<PortPart> {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const protocol = readProtocol(name);
  if (protocol !== 6 && protocol !== 17) return wrong('a bitmap:port takes only the protocols TCP and UDP');
  return portRange(text.slice(colon + 1), undefined, serviceProtocol(name, protocol));
}

function readProtocol(text: string): number | undefined {
  return parseNumber(text, 0, 255) ?? parseProtocol(text);
}

/** /etc/services knows a protocol by its name alone: of `TCP:ssh` there is no service, while `TCP:22` has its alias (services(5)). */
function serviceProtocol(name: string, protocol: number): number | string {
  return /^[a-z]/.test(name) || /^[+0-9]/.test(name) ? protocol : name;
}

function portRange(text: string, protocol: number | undefined, named: number | string): PartResult<PortPart> {
  const ends = endsOf(text);
  if (ends === undefined) return wrong(`\`${text}\` is no port number`);
  const numbers = ends.map((end) => readEnd(end, named));
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  if (first !== undefined && last !== undefined) {
    const lo = Math.min(first, last);
    return { ok: true, parts: [{ kind: 'port', protocol, lo, hi: Math.max(first, last) }] };
  }
  const unread = ends.find((_, at) => numbers[at] === undefined) ?? text;
  if (/^\+?[0-9]/.test(unread)) return wrong(`\`${text}\` is no port from 0 to 65535`);
  return {
    ...wrong(
      `\`${unread}\` is no port number, and no service name of \`${typeof named === 'string' ? named : protocolName(named)}\` that postern knows`,
    ),
    help: `${text.includes('-') ? 'a name with a dash stands in brackets, `[http-alt]`; ' : ''}what other service names mean is decided by the host: write the number, as \`ipset save\` does`,
  };
}

/** `FROM`, or `FROM-TO` divided at the first dash; a name with a dash may stand in brackets (`ipset(8)`, generic options). */
function endsOf(text: string): readonly string[] | undefined {
  const [, bracketed, plain, rest] = /^(?:\[([^\][]+)\]|([^\][-]+))(?:-(.+))?$/.exec(text) ?? [];
  const first = bracketed === undefined ? plain : `[${bracketed}]`;
  if (first === undefined) return undefined;
  return rest === undefined ? [first] : [first, rest];
}

/** A number, or the name of a service in brackets or without. */
function readEnd(text: string, protocol: number | string): number | undefined {
  const name = /^\[(.*)\]$/.exec(text)?.[1];
  if (name === undefined && /^\+?[0-9]/.test(text)) return parseNumber(text, 0, 65535);
  return typeof protocol === 'string' ? undefined : exactServicePort(name ?? text, protocol);
}

/**
 * The ends of a bitmap:port's `range`, in the order in which they stand.
 *
 * @returns undefined where the text is no range of ports
 */
export function parsePortEnds(text: string): [number, number] | undefined {
  const name = /^(tcp|udp|TCP|UDP):/.exec(text)?.[1] ?? 'tcp';
  const ends = endsOf(text.replace(/^(tcp|udp|TCP|UDP):/, '')) ?? [];
  const named = serviceProtocol(name, name.toLowerCase() === 'udp' ? 17 : 6);
  const [lo, hi] = ends.map((end) => readEnd(end, named));
  return lo === undefined || hi === undefined ? undefined : [lo, hi];
}

function icmpPart(text: string, protocol: 1 | 58, family: 4 | 6 | undefined): PartResult<PortPart> {
  const name = protocol === 1 ? 'icmp' : 'icmpv6';
  if (family !== (protocol === 1 ? 4 : 6))
    return wrong(`\`${name}\` does not go with the set's address family`);
  const value = icmpByName(text, protocol) ?? icmpByNumber(text);
  if (value === undefined) return wrong(`\`${text}\` is neither a type and code nor a name of ${name}`);
  return { ok: true, parts: [{ kind: 'port', protocol, lo: value, hi: value }] };
}

function icmpByNumber(text: string): number | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const type = parseNumber(text.slice(0, slash), 0, 255);
  const code = parseNumber(text.slice(slash + 1), 0, 255);
  return type === undefined || code === undefined ? undefined : type * 256 + code;
}

function icmpByName(text: string, protocol: 1 | 58): number | undefined {
  return (protocol === 1 ? ICMP : ICMPV6).get(text.toLowerCase());
}

function wrong(message: string): { ok: false; message: string; expected: string } {
  return { ok: false, message, expected: PORT_SYNTAX };
}

/** Names as `ipset help hash:ip,port` lists them, numbers of RFC 792, 950, 1122, 1256 and 1812: `type * 256 + code`. */
const ICMP = names([
  [0, 0, 'echo-reply', 'pong'],
  [3, 0, 'network-unreachable'],
  [3, 1, 'host-unreachable'],
  [3, 2, 'protocol-unreachable'],
  [3, 3, 'port-unreachable'],
  [3, 4, 'fragmentation-needed'],
  [3, 5, 'source-route-failed'],
  [3, 6, 'network-unknown'],
  [3, 7, 'host-unknown'],
  [3, 9, 'network-prohibited'],
  [3, 10, 'host-prohibited'],
  [3, 11, 'tos-network-unreachable'],
  [3, 12, 'tos-host-unreachable'],
  [3, 13, 'communication-prohibited'],
  [3, 14, 'host-precedence-violation'],
  [3, 15, 'precedence-cutoff'],
  [4, 0, 'source-quench'],
  [5, 0, 'network-redirect'],
  [5, 1, 'host-redirect'],
  [5, 2, 'tos-network-redirect'],
  [5, 3, 'tos-host-redirect'],
  [8, 0, 'echo-request', 'ping'],
  [9, 0, 'router-advertisement'],
  [10, 0, 'router-solicitation'],
  [11, 0, 'ttl-zero-during-transit'],
  [11, 1, 'ttl-zero-during-reassembly'],
  [12, 0, 'ip-header-bad'],
  [12, 1, 'required-option-missing'],
  [13, 0, 'timestamp-request'],
  [14, 0, 'timestamp-reply'],
  [17, 0, 'address-mask-request'],
  [18, 0, 'address-mask-reply'],
]);

/** The same for ICMPv6, numbers of RFC 4443 and 4861; `neigbour` is ipset's own spelling beside the right one. */
const ICMPV6 = names([
  [1, 0, 'no-route'],
  [1, 1, 'communication-prohibited'],
  [1, 3, 'address-unreachable'],
  [1, 4, 'port-unreachable'],
  [2, 0, 'packet-too-big'],
  [3, 0, 'ttl-zero-during-transit'],
  [3, 1, 'ttl-zero-during-reassembly'],
  [4, 0, 'bad-header'],
  [4, 1, 'unknown-header-type'],
  [4, 2, 'unknown-option'],
  [128, 0, 'echo-request', 'ping'],
  [129, 0, 'echo-reply', 'pong'],
  [133, 0, 'router-solicitation'],
  [134, 0, 'router-advertisement'],
  [135, 0, 'neighbour-solicitation', 'neigbour-solicitation'],
  [136, 0, 'neighbour-advertisement', 'neigbour-advertisement'],
  [137, 0, 'redirect'],
]);

function names(rows: readonly (readonly [number, number, ...string[]])[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap(([type, code, ...all]) => all.map((name) => [name, type * 256 + code] as const)),
  );
}
