import type { Circumstances, OpenField } from '../interpreter/index.ts';
import { parseAddress } from '../packet/address.ts';
import { EXTENSION_HEADERS, icmpProtocol, type Packet, PORT_PROTOCOLS } from '../packet/packet.ts';
import { parseProtocol, protocolName } from '../packet/protocol.ts';
import { checkPacketLine, type PacketLine, type TcpFlag } from './packet-schema.ts';

/** A packet line as read: the packet with what the line leaves open, or what is wrong with it. */
export type PacketInput =
  | {
      readonly ok: true;
      readonly id: PacketId;
      readonly packet: Packet;
      /** Fields that the line does not name and that have no default: they may be anything. */
      readonly open: NonNullable<Circumstances['open']>;
      /** The hook has such an interface and the line does not name it. */
      readonly openIn: boolean;
      readonly openOut: boolean;
    }
  | { readonly ok: false; readonly id: PacketId; readonly error: string };

/** What a line calls itself; null where that is not known. */
export type PacketId = string | number | null;

/**
 * Reads one line of NDJSON as a packet (schemas/packet.schema.json). Never throws: whatever is wrong with the line is
 * an error value.
 */
export function readPacket(line: string): PacketInput {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, id: null, error: 'The line is not JSON.' };
  }
  const id = idOf(value);
  const checked = checkPacketLine(value);
  if ('error' in checked) return { ok: false, id, error: checked.error };
  const read = resolve(checked);
  return typeof read === 'string' ? { ok: false, id, error: read } : { ok: true, id, ...read };
}

function idOf(value: unknown): PacketId {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

type Resolved = Omit<PacketInput & { ok: true }, 'ok' | 'id'>;

/** The packet, or the sentence that says why there is none. */
function resolve(line: PacketLine): Resolved | string {
  const src = parseAddress(line.src);
  const dst = parseAddress(line.dst);
  if (src === undefined) return `\`src\` must be an IPv4 or IPv6 address, not \`${line.src}\`.`;
  if (dst === undefined) return `\`dst\` must be an IPv4 or IPv6 address, not \`${line.dst}\`.`;
  if (src.family !== dst.family)
    return `\`src\` and \`dst\` must be of one family, not \`${line.src}\` and \`${line.dst}\`.`;
  const protocol = typeof line.protocol === 'number' ? line.protocol : parseProtocol(line.protocol);
  if (protocol === undefined)
    return `\`protocol\` must be a known name or a number, not \`${line.protocol}\`.`;
  const conflict = conflictIn(line, src.family, protocol);
  if (conflict !== undefined) return conflict;
  const packet = packetOf(line, { family: src.family, src: src.value, dst: dst.value, protocol });
  return {
    packet,
    open: openFields(line, packet),
    openIn: HAS_IN.includes(line.hook) && line.in === undefined,
    openOut: HAS_OUT.includes(line.hook) && line.out === undefined,
  };
}

const HAS_IN: readonly string[] = ['input', 'forward', 'ingress'];
const HAS_OUT: readonly string[] = ['forward', 'output', 'egress'];

/** What a line says that its protocol, family or hook does not have. */
function conflictIn(line: PacketLine, family: 4 | 6, protocol: number): string | undefined {
  const name = protocolName(protocol);
  const isIcmp = protocol === icmpProtocol(family);
  if (line.in !== undefined && !HAS_IN.includes(line.hook))
    return `A packet of hook \`${line.hook}\` has no \`in\`.`;
  if (line.out !== undefined && !HAS_OUT.includes(line.hook))
    return `A packet of hook \`${line.hook}\` has no \`out\`.`;
  const byName = typeof line.protocol === 'string' && !/^\d+$/.test(line.protocol);
  if (byName && (protocol === 1 || protocol === 58) && !isIcmp)
    return `\`${line.protocol}\` is not the ICMP of IPv${family}; that is \`${family === 4 ? 'icmp' : 'icmpv6'}\`.`;
  const later = line.fragment === 'later';
  for (const key of ['sport', 'dport', 'type', 'code', 'flags'] as const) {
    if (line[key] === undefined) continue;
    if (later) return `A later fragment has no \`${key}\`.`;
    const fits =
      key === 'flags' ? protocol === 6 : key === 'type' || key === 'code' ? isIcmp : hasPorts(protocol);
    if (!fits) return `A packet of protocol ${name} has no \`${key}\`.`;
  }
  if (family === 4 && line.extensionHeaders !== undefined) return 'IPv4 has no `extensionHeaders`.';
  if (line.tos !== undefined && line.dscp !== undefined && line.tos >> 2 !== line.dscp)
    return `\`tos\` ${line.tos} and \`dscp\` ${line.dscp} contradict each other.`;
  return undefined;
}

function hasPorts(protocol: number): boolean {
  return PORT_PROTOCOLS.includes(protocol);
}

function packetOf(
  line: PacketLine,
  header: { family: 4 | 6; src: bigint; dst: bigint; protocol: number },
): Packet {
  const state = line.state ?? 'new';
  const fragment = line.fragment ?? 'none';
  return {
    ...header,
    hook: line.hook,
    in: line.in ?? '',
    out: line.out ?? '',
    sport: line.sport ?? 0,
    dport: line.dport ?? 0,
    icmpType: line.type ?? 0,
    icmpCode: line.code ?? 0,
    tcpFlags: header.protocol === 6 ? flagByte(line.flags ?? [state === 'new' ? 'syn' : 'ack']) : 0,
    state,
    mark: line.mark ?? 0,
    ctmark: line.ctmark ?? 0,
    mac: Number.parseInt((line.mac ?? '0').replaceAll(':', ''), 16),
    length: line.length ?? 0,
    ttl: line.ttl ?? 0,
    tos: line.tos ?? (line.dscp ?? 0) << 2,
    pkttype: line.pkttype ?? 'unicast',
    fragment,
    extensionHeaders: headerBits(line, header.family === 6 && fragment !== 'none'),
    groups: line.groups ?? [],
    peerGroups: line.peerGroups ?? [],
  };
}

const FLAGS: Record<TcpFlag, number> = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
};

function flagByte(flags: readonly TcpFlag[]): number {
  return flags.reduce((byte, flag) => byte | FLAGS[flag], 0);
}

function headerBits(line: PacketLine, isFragment: boolean): number {
  const named = line.extensionHeaders ?? [];
  return named.reduce(
    (bits, name) => bits | EXTENSION_HEADERS[name],
    isFragment ? EXTENSION_HEADERS.frag : 0,
  );
}

function openFields(line: PacketLine, packet: Packet): Partial<Record<OpenField, readonly number[]>> {
  const ports = hasPorts(packet.protocol) && packet.fragment !== 'later';
  const icmp = packet.protocol === icmpProtocol(packet.family) && packet.fragment !== 'later';
  const dscp = line.dscp === undefined ? undefined : line.dscp << 2;
  const any = (missing: boolean, field: OpenField, range: readonly number[]) =>
    missing ? { [field]: range } : {};
  return {
    ...any(ports && line.sport === undefined, 'sport', [0, 0xffff]),
    ...any(ports && line.dport === undefined, 'dport', [0, 0xffff]),
    ...any(icmp && line.type === undefined, 'icmpType', [0, 0xff]),
    ...any(icmp && line.code === undefined, 'icmpCode', [0, 0xff]),
    // A connection's mark is 0 until a rule sets it, which may have been done to an earlier packet.
    ...any(line.ctmark === undefined && packet.state !== 'new', 'ctmark', [0, 0xffffffff]),
    ...any(line.mac === undefined, 'mac', [0, 2 ** 48 - 1]),
    ...any(line.length === undefined, 'length', [0, 0xffff]),
    ...any(line.ttl === undefined, 'ttl', [0, 0xff]),
    ...any(line.tos === undefined, 'tos', dscp === undefined ? [0, 0xff] : [dscp, dscp + 3]),
  };
}
