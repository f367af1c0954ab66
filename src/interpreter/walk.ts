import {
  CONNECTION_STATES,
  type ConnectionState,
  ICMP_REQUESTS,
  ICMP_UNTRACKED,
  icmpProtocol,
  type Packet,
} from '../packet/packet.ts';
import type { AddressCondition, AddressType, FieldCondition } from '../rule/condition.ts';
import type { Chain, NetfilterHook, Ruleset } from '../rule/ruleset.ts';
import type { Span } from '../text/source.ts';
import type { Connection } from './circumstances.ts';
import { type AddressDomain, type Domain, has } from './domain.ts';
import { CONNTRACK_PRIORITY, type Order } from './order.ts';

/** The fields of packet/fields.ts, through the rule model: the interpreter shares nothing else of src/packet. */
export type NumericField = FieldCondition['field'];
export type AddressField = AddressCondition['field'];

/** A place in a chain: the rule that is next. Of one walk only: it moves on with it. */
export interface Frame {
  readonly chain: Chain;
  rule: number;
  /** How many jumps and gotos lead here from the base chain. */
  readonly depth: number;
  /** `Walk.changes` when the chain was entered. */
  readonly since: number;
}

/** How far translation by rules has come in one direction. */
export interface Translation {
  /** A rule has translated the packet, even if to what it was. */
  done: boolean;
  /** To an address of this host that nobody has named (REDIRECT and MASQUERADE without the host's addresses). */
  toHost: boolean;
  /** Whether that made another address or port of it. */
  changed: boolean;
  /** The same as conntrack has it, which the config does not always tell: of what the connection began with. */
  differs: 'yes' | 'no' | 'maybe';
  /** Whether an address was given, not a port alone. */
  addressed: boolean;
}

/** What does not change on the way, shared by all copies of a walk. */
export interface Setting {
  readonly ruleset: Ruleset;
  readonly order: Order;
  readonly packet: Packet;
  readonly connection: Connection | undefined;
  /** Texts of stateless opaque matches that a packet can meet more than once. */
  readonly repeated: ReadonlySet<string>;
  readonly isLoopback: (name: string) => boolean;
}

/** A packet on its way: where it is, what it looks like there, what has been answered so far. */
export interface Walk {
  readonly setting: Setting;
  /** Where the packet goes as far as is known; decided by routing after prerouting. */
  destination: Packet['hook'];
  hook: NetfilterHook;
  unit: number;
  /** The base chain within the unit; -1 before the unit has begun. */
  chain: number;
  frames: Frame[];
  /** The action that is next in the rule at hand; -1 while its match is not decided. */
  action: number;
  readonly fields: Record<NumericField, Domain>;
  readonly addresses: Record<AddressField, AddressDomain>;
  /** Names that the interface can have; the empty string stands for none. */
  readonly names: { in: readonly string[]; out: readonly string[] };
  readonly translated: { dst: Translation; src: Translation };
  notrack: boolean;
  /** What is prepared for its connection makes it tracked: NOTRACK has no effect behind that (net/netfilter/xt_CT.c, nft_ct.c). */
  prepared: boolean;
  /** Grows with every change of the packet's bytes, so that one text may be answered anew. */
  edition: number;
  /** By field: grows when it gets a value that is not known, so that answers about the former one are forgotten. */
  readonly unknownWrites: Partial<Record<NumericField | AddressField, number>>;
  /** Grows with every rule that is looked at: tells visits of one place apart. */
  visit: number;
  /** Answers for the rule at hand: to matches, and what its unknown targets do. */
  local: Map<string, boolean | string>;
  /** Answers that later places ask for again. */
  remembered: Map<string, boolean>;
  /** The same about the packet's bytes as they are: forgotten when these change, see {@link bytesChange}. */
  ofBytes: Map<string, boolean>;
  /** What has been answered about address types. */
  types: Map<string, readonly AddressType[]>;
  /** Grows with every answer and every change of the packet: between equal numbers the packet is the same. */
  changes: number;
  /** Chains of which the packet, as it is by that number of changes, came out as it went in. */
  idle: Map<Chain, number>;
  /** Filled where somebody wants the path. */
  path: Step[] | undefined;
  /** Why routing dropped the packet, once it has. */
  stopped?: string;
  /** The visit that the path's last step belongs to. */
  pathVisit: number;
}

/** One thing that happened to the packet. */
export interface Step {
  readonly hook: NetfilterHook;
  readonly chain: Chain;
  /** The rule, or the line that declares the chain's policy. */
  readonly origin: Span;
  readonly kind: 'rule' | 'policy';
  /** What was done, in a few words: `accept`, `jump DOCKER`, `dnat`, `mark`. */
  readonly did: string;
}

/** A copy that goes its own way; the path is not copied, since explorers replay to get it. */
export function copyWalk(walk: Walk): Walk {
  return {
    ...walk,
    frames: walk.frames.map((frame) => ({ ...frame })),
    fields: { ...walk.fields },
    addresses: { ...walk.addresses },
    names: { ...walk.names },
    translated: { dst: { ...walk.translated.dst }, src: { ...walk.translated.src } },
    unknownWrites: { ...walk.unknownWrites },
    local: new Map(walk.local),
    remembered: new Map(walk.remembered),
    ofBytes: new Map(walk.ofBytes),
    types: new Map(walk.types),
    idle: new Map(),
    path: undefined,
  };
}

/** The packet's bytes are others from here on. */
export function bytesChange(walk: Walk): void {
  walk.edition++;
  if (walk.ofBytes.size > 0) walk.ofBytes = new Map();
}

/**
 * Everything that decides how the walk goes on, as text: two walks with the same key have the same future. How often the bytes
 * have changed is no part of it: nothing of what was answered before is known any more.
 */
export function walkKey(walk: Walk): string {
  const { order } = walk.setting;
  const parts: unknown[] = [walk.destination, walk.hook, walk.unit, walk.chain, walk.action];
  parts.push(walk.notrack, walk.prepared);
  for (const { chain, rule, depth } of walk.frames) parts.push(order.index(chain), rule, depth);
  parts.push('|', ...Object.values(walk.fields).map(domainKey));
  parts.push('|', ...Object.values(walk.addresses).map(domainKey), '|', walk.names.in, '|', walk.names.out);
  const { dst, src } = walk.translated;
  parts.push(
    '|',
    dst.done,
    dst.toHost,
    dst.changed,
    dst.differs,
    src.done,
    src.toHost,
    src.changed,
    src.differs,
    JSON.stringify(walk.unknownWrites),
  );
  for (const map of [walk.local, walk.remembered, walk.ofBytes, walk.types])
    parts.push('|', JSON.stringify([...map].sort(([a], [b]) => (a < b ? -1 : 1))));
  return parts.join(' ');
}

const longDomains = new WeakMap<AddressDomain, number>();
let longDomainCount = 0;

/** A short domain as text. A long one by identity, which tells some equal ones apart but keeps keys short. */
function domainKey(domain: AddressDomain): string {
  if (domain.length <= 32) return String(domain);
  let id = longDomains.get(domain);
  if (id === undefined) {
    id = longDomainCount++;
    longDomains.set(domain, id);
  }
  return `#${id}`;
}

/** How many bounds the walk's open fields are made of: what a further step on it costs. */
export function walkWeight(walk: Walk): number {
  let weight = 0;
  for (const domain of Object.values(walk.fields)) weight += domain.length;
  for (const domain of Object.values(walk.addresses)) weight += domain.length;
  return weight;
}

/**
 * What a state match sees now. Before connection tracking there is no entry, which reads as invalid
 * (`net/netfilter/xt_conntrack.c`, conntrack_mt), but on the loopback interface, where the packet was tracked on its
 * way out (`net/netfilter/nf_conntrack_core.c`, nf_conntrack_in: "Previously seen").
 */
export function visibleState(walk: Walk): ConnectionState {
  // A cloud tracks connections by itself and knows nothing of what the host does with them.
  if (isOutside(walk)) return walk.setting.packet.state;
  if (walk.notrack) return 'untracked';
  return isTracked(walk) ? trackedState(walk) : 'invalid';
}

/** Only requests begin connections; other ICMP messages that belong to none are invalid or not tracked at all. */
function trackedState(walk: Walk): ConnectionState {
  const { packet } = walk.setting;
  if (!isFirstMessage(packet)) return packet.state;
  const type = walk.fields.icmpType[0] as number;
  if (has(ICMP_UNTRACKED[packet.family], type)) return 'untracked';
  return has(ICMP_REQUESTS[packet.family], type) ? 'new' : 'invalid';
}

/** Whether the packet is an ICMP message of no connection, and what conntrack makes of it depends on its type. */
export function isFirstMessage(packet: Packet): boolean {
  return packet.state === 'new' && isIcmp(packet) && packet.fragment !== 'later';
}

/** Whether the packet is at a hook of the cloud, outside the host. */
function isOutside({ hook }: Walk): boolean {
  return hook === 'cloud-ingress' || hook === 'cloud-egress';
}

/** Whether connection tracking has looked at the packet. */
function isTracked(walk: Walk): boolean {
  const { packet } = walk.setting;
  if (packet.hook === 'ingress' || packet.hook === 'egress') return true;
  if (walk.hook === 'ingress') return cameByLoopback(walk);
  if (walk.hook !== 'prerouting' && walk.hook !== 'output') return true;
  if (currentPriority(walk) >= CONNTRACK_PRIORITY) return true;
  return walk.hook === 'prerouting' && cameByLoopback(walk);
}

/** Whether the packet has a connection entry: only then are there a connection's mark and its first addresses. */
export function hasConnection(walk: Walk): boolean {
  const state = visibleState(walk);
  return state === 'new' || state === 'established' || state === 'related';
}

/** The index of the visible state, the value of the field `state`. */
export function visibleStateIndex(walk: Walk): number {
  return CONNECTION_STATES.indexOf(visibleState(walk));
}

/** Whether the packet came in by the loopback interface, so that the host itself sent it. */
export function cameByLoopback(walk: Walk): boolean {
  return walk.names.in.length > 0 && walk.names.in.every(walk.setting.isLoopback);
}

/** Whether the packet is of the family's ICMP. */
export function isIcmp(packet: Packet): boolean {
  return packet.protocol === icmpProtocol(packet.family);
}

function currentPriority(walk: Walk): number {
  const { order, packet } = walk.setting;
  return order.units(walk.hook, packet.family)[walk.unit]?.priority ?? Number.POSITIVE_INFINITY;
}
