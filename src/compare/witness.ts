import type { WitnessPacket } from '../finding/report.ts';
import { formatAddress } from '../packet/address.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import { FRAGMENTS, type HookName, PACKET_TYPES, type Packet, PORT_PROTOCOLS } from '../packet/packet.ts';
import { protocolName } from '../packet/protocol.ts';
import type { FamilyView, FlowHook } from './view.ts';

/** A packet of a finding, in the two forms that it is needed in. */
export interface Witness {
  readonly packet: Packet;
  readonly shown: WitnessPacket;
}

/** What of a packet the set leaves open, tried in this order, so that the witness looks like traffic that people know. */
function preferences(view: FamilyView): readonly Node[] {
  const known = remembered.get(view);
  if (known !== undefined) return known;
  const made = makePreferences(view);
  remembered.set(view, made);
  return made;
}

const remembered = new WeakMap<FamilyView, readonly Node[]>();

function makePreferences(view: FamilyView): Node[] {
  const { family } = view;
  const four = (a: number, b: number, c: number, d: number): number => ((a * 256 + b) * 256 + c) * 256 + d;
  const range = (field: 'src' | 'dst', lo: number | bigint, hi: number | bigint): Node =>
    view.field(field, [lo, hi] as readonly number[]);
  const v6 = 0x20010db8n << 96n;
  const name = (field: 'in' | 'out', text: string): Node =>
    view.named(field, [{ name: text, prefix: false }]);
  const zero: DiagramField[] = ['mark', 'ctmark', 'pkttype', 'extensionHeaders', 'tos', 'fragment'];
  return [
    ...zero.map((field) => view.field(field, [0, 0])),
    view.field('ttl', [64, 64]),
    view.field('length', [60, 60]),
    view.field('mac', [0x020000000001, 0x020000000001]),
    name('in', 'eth0'),
    name('out', 'eth0'),
    name('out', 'eth1'),
    view.field('protocol', [6, 6]),
    view.field('protocol', [17, 17]),
    view.field('sport', [40000, 40000]),
    view.field('sport', [1024, 65535]),
    ...(family === 4
      ? [
          range('src', four(198, 51, 100, 7), four(198, 51, 100, 7)),
          range('src', four(10, 0, 0, 0), four(10, 255, 255, 255)),
          range('src', four(1, 0, 0, 1), four(223, 255, 255, 254)),
          range('dst', four(192, 0, 2, 10), four(192, 0, 2, 10)),
          range('dst', four(1, 0, 0, 1), four(223, 255, 255, 254)),
        ]
      : [
          range('src', v6 | 0x7n, v6 | 0x7n),
          range('src', 0x2000n << 112n, (0x4000n << 112n) - 1n),
          range('dst', v6 | 0x10n, v6 | 0x10n),
          range('dst', 0x2000n << 112n, (0x4000n << 112n) - 1n),
        ]),
    view.field('icmpType', [family === 4 ? 8 : 128, family === 4 ? 8 : 128]),
    view.field('icmpCode', [0, 0]),
  ];
}

/** One packet of a set that is not empty; undefined where it is. */
export function witnessOf(
  view: FamilyView,
  set: Node,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Witness | undefined {
  if (set === NONE) return undefined;
  let node = view.diagram.and(set, view.familyNode);
  for (const preferred of preferences(view)) {
    const both = view.diagram.and(node, preferred);
    if (both !== NONE) node = both;
  }
  const sample = view.space.of(node).sample();
  if (sample === undefined) return undefined;
  const packet = concrete(view, sample, hook, state, tcpFlags);
  const matters = RARE.filter((field) => view.project(set, [field]) !== set);
  return { packet, shown: { ...showPacket(packet), ...rareFields(packet, matters) } };
}

function concrete(
  view: FamilyView,
  sample: ReadonlyMap<DiagramField, readonly number[]>,
  hook: FlowHook,
  state: Packet['state'],
  tcpFlags: number,
): Packet {
  const big = (field: DiagramField, bytes?: number): bigint =>
    (sample.get(field) ?? [0]).slice(0, bytes).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const number = (field: DiagramField): number => Number(big(field));
  const width = view.family === 4 ? 4 : 16;
  const protocol = sample.has('protocol') ? number('protocol') : 6;
  return {
    family: view.family,
    hook,
    in: hook === 'output' ? '' : nameOf(sample.get('in'), 'eth0'),
    out: hook === 'input' ? '' : nameOf(sample.get('out'), hook === 'forward' ? 'eth1' : 'eth0'),
    src: big('src', width),
    dst: big('dst', width),
    protocol,
    sport: number('sport'),
    dport: number('dport'),
    icmpType: number('icmpType'),
    icmpCode: number('icmpCode'),
    tcpFlags: protocol === 6 ? tcpFlags : 0,
    state,
    mark: number('mark'),
    ctmark: number('ctmark'),
    mac: number('mac'),
    length: number('length'),
    ttl: number('ttl'),
    tos: number('tos'),
    pkttype: PACKET_TYPES[number('pkttype')] ?? 'unicast',
    fragment: FRAGMENTS[number('fragment')] ?? 'none',
    extensionHeaders: number('extensionHeaders'),
    groups: [],
    peerGroups: [],
  };
}

/** The least name that begins with the sampled bytes; bytes that stand for "some other name" become a readable one. */
function nameOf(bytes: readonly number[] | undefined, usual: string): string {
  if (bytes === undefined) return usual;
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.slice(0, end);
  const text = Buffer.from(used).toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) ? text : usual;
}

const FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'];

/** The packet as `trace` reads it; what is at its default is left out. */
export function showPacket(packet: Packet): WitnessPacket {
  const { family, protocol } = packet;
  const icmp = protocol === (family === 4 ? 1 : 58);
  const flags = FLAG_NAMES.filter((_, bit) => (packet.tcpFlags & (1 << bit)) !== 0);
  const usualFlags = packet.state === 'new' ? 'syn' : 'ack';
  return {
    hook: packet.hook as HookName,
    ...(packet.in === '' ? {} : { in: packet.in }),
    ...(packet.out === '' ? {} : { out: packet.out }),
    src: formatAddress(family, packet.src),
    dst: formatAddress(family, packet.dst),
    protocol: protocolName(protocol),
    ...(PORT_PROTOCOLS.includes(protocol) ? { sport: packet.sport, dport: packet.dport } : {}),
    ...(icmp ? { type: packet.icmpType, code: packet.icmpCode } : {}),
    ...(protocol === 6 && flags.join() !== usualFlags ? { flags } : {}),
    state: packet.state,
    ...(packet.mark === 0 ? {} : { mark: packet.mark }),
    ...(packet.pkttype === 'unicast' ? {} : { pkttype: packet.pkttype }),
  };
}

/** Fields that are shown only where the set depends on them. */
const RARE = ['mac', 'length', 'ttl', 'tos'] as const;

function rareFields(packet: Packet, fields: readonly (typeof RARE)[number][]): Partial<WitnessPacket> {
  const texts = fields.map(
    (field) => [field, field === 'mac' ? macText(packet.mac) : packet[field]] as const,
  );
  return Object.fromEntries(texts);
}

function macText(mac: number): string {
  return (mac.toString(16).padStart(12, '0').match(/../g) as string[]).join(':');
}
