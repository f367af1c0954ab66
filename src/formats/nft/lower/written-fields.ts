import type { ForgettableField } from '../../../rule/action.ts';
import type { Selector } from '../ast/ast.ts';
import { isRaw } from '../selector/raw.ts';

type Fields = readonly ForgettableField[];

const TRANSPORT: Fields = ['sport', 'dport', 'icmpType', 'icmpCode', 'tcpFlags'];
const NETWORK: Fields = [
  'src',
  'dst',
  ...TRANSPORT,
  'tos',
  'ttl',
  'length',
  'protocol',
  'fragment',
  'extensionHeaders',
];

/** The fields of a network header behind which everything else stays what it is. */
const OF_NETWORK: Readonly<Record<string, Fields>> = {
  saddr: ['src'],
  daddr: ['dst'],
  checksum: [],
  id: [],
  flowlabel: [],
  length: ['length'],
};

/** What raw bytes are of: `@nh`, `@th`, `@ll`. */
const OF_BASE: Readonly<Record<string, Fields>> = { nh: NETWORK, th: TRANSPORT, ll: ['mac'] };

const OF_TRANSPORT: Readonly<Record<string, Fields>> = {
  sport: ['sport'],
  dport: ['dport'],
  type: ['icmpType'],
  code: ['icmpCode'],
  flags: ['tcpFlags'],
};

/** What of the packet is not known behind an assignment whose value is not modelled. */
export function writtenFields(to: Selector): Fields {
  if (to.kind === 'meta') return to.key === 'pkttype' ? ['pkttype'] : [];
  if (isRaw(to)) return OF_BASE[to.raw.base] ?? [];
  if (to.kind !== 'payload') return [];
  const { protocol, field } = to;
  if (protocol === 'ip' || protocol === 'ip6') return OF_NETWORK[field] ?? NETWORK;
  if (protocol === 'ether') return field === 'saddr' ? ['mac'] : [];
  return OF_TRANSPORT[field] ?? [];
}
