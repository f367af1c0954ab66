import type { DiagramField } from '../../packet/layout.ts';
import type { Node } from '../../packet/diagram.ts';
import { FRAGMENTS, PACKET_TYPES, type Packet } from '../../packet/packet.ts';
import { contains } from '../../packet/ranges.ts';
import { preferredBytes, sampleFields } from '../../packet/sample.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { remembered } from '../view/remembered.ts';
import type { FamilyView } from '../view/view.ts';
import { ofSomebody, PREFERENCES, wishesOf } from './witness-wishes.ts';

/** What a packet has in the fields that its set leaves open. */
const OPEN = { 4: preferredBytes(PREFERENCES[4]), 6: preferredBytes(PREFERENCES[6]) } as const;
/** The same bytes as numbers, read once: most fields of most sets are open. */
const OPEN_NUMBERS = { 4: openNumbers(4), 6: openNumbers(6) } as const;
const OPEN_ADDRESSES = { 4: openAddresses(4), 6: openAddresses(6) } as const;

function openNumbers(family: 4 | 6): ReadonlyMap<DiagramField, number> {
  const short = [...OPEN[family]].filter(([, bytes]) => bytes.length <= 6);
  return new Map(short.map(([field, bytes]) => [field, numberOf(bytes)] as const));
}

function openAddresses(family: 4 | 6): { readonly src: bigint; readonly dst: bigint } {
  return {
    src: addressOf(family, OPEN[family].get('src')),
    dst: addressOf(family, OPEN[family].get('dst')),
  };
}

/**
 * Clouds keep the first addresses of each subnet for themselves, AWS and Azure most of them: the network's own and three more. No machine has the
 * last byte of one in a network of 256 addresses. (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html,
 * https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq, https://cloud.google.com/vpc/docs/subnets)
 */
const FIRST_OF_A_SUBNET = 4;

/** What the packets of a set are looked at as. */
export interface SampledPacket {
  readonly hook: FlowHook;
  readonly state: Packet['state'];
  /** Those of TCP's. */
  readonly tcpFlags: number;
}

/** A packet of a set that is not empty, with values that people know where the set leaves a choice. */
export function sampledPacket(view: FamilyView, set: Node, { hook, state, tcpFlags }: SampledPacket): Packet {
  const { family, diagram } = view;
  const { preferences: wishes, usual } = wishesOf(view, hook);
  const fields = sampleFields(
    diagram,
    ofSomebody(view, set, hook),
    wishes,
    OPEN[family],
    family === 4 ? 4 : 16,
    view.ruleset.cloud === undefined ? 1 : FIRST_OF_A_SUBNET,
  );
  const open = OPEN_NUMBERS[family];
  const number = (field: DiagramField): number => {
    const bytes = fields.get(field);
    return bytes === undefined ? (open.get(field) ?? 0) : numberOf(bytes);
  };
  const address = (field: 'src' | 'dst'): bigint => {
    const bytes = fields.get(field);
    return bytes === undefined ? OPEN_ADDRESSES[family][field] : addressOf(family, bytes);
  };
  const protocol = number('protocol');
  return {
    family,
    hook,
    in: hook === 'output' ? '' : interfaceOf(fields.get('in'), usual.in),
    out: hook === 'input' ? '' : interfaceOf(fields.get('out'), usual.out),
    src: address('src'),
    dst: address('dst'),
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
    groups: ownGroups(view, number('ownGroup'), address(hook === 'output' ? 'src' : 'dst')),
    peerGroups: namedGroups(view, number('peerGroup')),
  };
}

/** At most six bytes, as a number. */
function numberOf(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

/** An IPv4 address fills the first four of sixteen bytes. */
function addressOf(family: 4 | 6, bytes: Uint8Array | undefined): bigint {
  if (bytes === undefined) return 0n;
  if (family === 4) return BigInt(numberOf(bytes, 0, 4));
  return (
    (BigInt(numberOf(bytes, 0, 6)) << 80n) |
    (BigInt(numberOf(bytes, 6, 12)) << 32n) |
    BigInt(numberOf(bytes, 12))
  );
}

/** The group that the set asks an end of the packet to be a member of. */
function namedGroups({ ruleset }: FamilyView, number: number): readonly string[] {
  const named = ruleset.cloud?.symbolic[number - 1];
  return named === undefined ? [] : [named];
}

/** What the instance carries: what the set asks for, beside the groups of the interface that has the address. */
function ownGroups(view: FamilyView, number: number, address: bigint): readonly string[] {
  const { cloud } = view.ruleset;
  const carried = cloud?.interfaces?.find(({ own }) =>
    view.family === 4 ? contains(own.ipv4, Number(address)) : contains(own.ipv6, address),
  );
  return [...((carried ?? cloud)?.groups ?? []), ...namedGroups(view, number)];
}

/** The name that the sampled bytes are, whatever they are: another name would be another packet. */
const nameOf = remembered((bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  const name = Buffer.from(end < 0 ? bytes : bytes.subarray(0, end));
  const text = name.toString('utf8');
  return Buffer.from(text).equals(name) ? text : name.toString('latin1');
});

const interfaceOf = (bytes: Uint8Array | undefined, usual: string): string =>
  bytes === undefined ? usual : nameOf(bytes);
