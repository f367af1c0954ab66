import type { Packet } from '../packet/packet.ts';
import { CONNECTION_STATES, FRAGMENTS, PACKET_TYPES } from '../packet/packet.ts';
import { withKnownHost } from '../rule/known-host.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import type { Circumstances } from './circumstances.ts';
import { type AddressDomain, type Domain, everyAddress, known } from './domain.ts';
import { loopbackTest } from './interfaces.ts';
import { orderOf } from './order.ts';
import { repeatedTexts } from './repeated.ts';
import { isFirstPacket } from './translation-state.ts';
import type { AddressField, NumericField, Setting, Walk } from './walk.ts';

/** Where the packet's way begins. */
const FIRST_HOOK = {
  input: 'cloud-ingress',
  forward: 'cloud-ingress',
  output: 'output',
  ingress: 'ingress',
  egress: 'egress',
} as const;

const UNTRANSLATED = { done: false, toHost: false, changed: false, differs: 'no', addressed: false } as const;

/** A walk that stands before the first chain. */
export function beginWalk(
  given: Ruleset,
  packet: Packet,
  circumstances: Circumstances,
  withPath: boolean,
): Walk {
  const ruleset = withKnownHost(given, packet.family);
  const setting: Setting = {
    ruleset,
    order: orderOf(ruleset),
    packet,
    connection: circumstances.connection,
    repeated: repeatedTexts(ruleset),
    isLoopback: loopbackTest(ruleset.host),
  };
  const walk: Walk = {
    setting,
    destination: packet.hook,
    hook: FIRST_HOOK[packet.hook],
    unit: 0,
    chain: -1,
    frames: [],
    changes: 0,
    idle: new Map(),
    action: -1,
    fields: packetFields(packet),
    addresses: packetAddresses(packet),
    names: { in: circumstances.inNames ?? [packet.in], out: circumstances.outNames ?? [packet.out] },
    translated: { dst: { ...UNTRANSLATED }, src: { ...UNTRANSLATED } },
    notrack: false,
    prepared: false,
    edition: 0,
    unknownWrites: {},
    visit: 0,
    local: new Map(),
    remembered: new Map(),
    ofBytes: new Map(),
    types: new Map(),
    path: withPath ? [] : undefined,
    pathVisit: -1,
  };
  Object.assign(walk.fields, circumstances.open);
  beginConnection(walk, circumstances);
  return walk;
}

function packetFields(packet: Packet): Record<NumericField, Domain> {
  return {
    protocol: known(packet.protocol),
    sport: known(packet.sport),
    dport: known(packet.dport),
    origSport: known(packet.sport),
    origDport: known(packet.dport),
    icmpType: known(packet.icmpType),
    icmpCode: known(packet.icmpCode),
    tcpFlags: known(packet.tcpFlags),
    state: known(CONNECTION_STATES.indexOf(packet.state)),
    mark: known(packet.mark),
    ctmark: known(packet.ctmark),
    mac: known(packet.mac),
    length: known(packet.length),
    ttl: known(packet.ttl),
    tos: known(packet.tos),
    pkttype: known(PACKET_TYPES.indexOf(packet.pkttype)),
    fragment: known(FRAGMENTS.indexOf(packet.fragment)),
    extensionHeaders: known(packet.extensionHeaders),
  };
}

function packetAddresses(packet: Packet): Record<AddressField, AddressDomain> {
  const [src, dst] = [addressDomain(packet.family, packet.src), addressDomain(packet.family, packet.dst)];
  return { src, dst, origSrc: src, origDst: dst };
}

function addressDomain(family: 4 | 6, address: bigint): AddressDomain {
  return family === 4 ? known(Number(address)) : known(address);
}

/** The connection's first addresses and ports: those given, those of a first packet, or any. */
function beginConnection(walk: Walk, { connection, open }: Circumstances): void {
  const { family } = walk.setting.packet;
  if (connection !== undefined) {
    const { original } = connection;
    walk.addresses.origSrc = addressDomain(family, original.src);
    walk.addresses.origDst = addressDomain(family, original.dst);
    walk.fields.origSport = known(original.sport);
    walk.fields.origDport = known(original.dport);
    walk.fields.ctmark = known(connection.mark);
    return;
  }
  const first = isFirstPacket(walk);
  const any = everyAddress(family);
  if (!first) {
    walk.addresses.origSrc = any;
    walk.addresses.origDst = any;
  }
  if (!first || open?.sport !== undefined) walk.fields.origSport = [0, 0xffff];
  if (!first || open?.dport !== undefined) walk.fields.origDport = [0, 0xffff];
}
