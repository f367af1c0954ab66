import { parseAddress, parseAddressRange, parsePrefix } from '../../src/packet/address.ts';
import type { AddressField, NumericField } from '../../src/packet/fields.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { CONNECTION_STATES, type ConnectionState } from '../../src/packet/packet.ts';
import type { AddressType, Condition, InterfacePattern } from '../../src/rule/condition.ts';
import { ALWAYS, allOf } from '../../src/rule/condition.ts';
import type { Action } from '../../src/rule/action.ts';
import type { NamedSet, SetElement } from '../../src/rule/named-set.ts';
import type { BaseChain, Chain, HostFacts, NetfilterHook, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { SourceFile, type Span } from '../../src/text/source.ts';

/** Rule sets built directly in the model, for tests that want nothing of a format. */

let made = 0;

/** A span of its own: each call is one line of a file `rules`. */
export function span(text = `line ${++made}`): Span {
  const file = new SourceFile('rules', text);
  return { file, start: 0, end: text.length };
}

/** The tables of iptables: where their chains hang and with which priority. */
const PRIORITIES: Record<string, number> = {
  raw: -300,
  mangle: -150,
  nat: -100,
  filter: 0,
  security: 50,
};

/** What a chain can be given; a base chain has a hook. */
export interface ChainOptions {
  readonly table?: string;
  readonly hook?: NetfilterHook;
  readonly policy?: 'accept' | 'drop';
  readonly priority?: number;
  readonly type?: BaseChain['type'];
  readonly sequence?: number;
  readonly families?: readonly (4 | 6)[];
}

/** A chain: with `hook` a base chain of the table (default: filter, policy accept), without it a user chain. */
export function chain(name: string, rules: readonly Rule[], options: ChainOptions = {}): Chain {
  const { table = 'filter', hook, families = [4, 6] } = options;
  const sourceNat = table === 'nat' && (hook === 'input' || hook === 'postrouting');
  const base: BaseChain | undefined = hook && {
    hook,
    priority: options.priority ?? (sourceNat ? 100 : (PRIORITIES[table] ?? 0)),
    type: options.type ?? (table === 'nat' ? 'nat' : 'filter'),
    policy: options.policy ?? 'accept',
    sequence: options.sequence ?? 0,
  };
  return {
    id: `${table} ${name}`,
    name,
    table,
    families,
    layer: 'test',
    rules,
    origin: span(`:${name} ${options.policy ?? 'accept'}`),
    ...(base === undefined ? {} : { base }),
  };
}

/** A rule: conditions and actions in order; `text` is its line. */
export function rule(match: Condition | readonly Condition[], ...actions: readonly Action[]): Rule {
  const condition = 'kind' in match ? match : match.length === 0 ? ALWAYS : allOf(match);
  return { match: condition, actions, origin: span() };
}

/** A rule set of these chains. */
export function ruleset(
  chains: readonly Chain[],
  options: { sets?: readonly NamedSet[]; host?: HostFacts; families?: readonly (4 | 6)[] } = {},
): Ruleset {
  return {
    chains,
    sets: new Map((options.sets ?? []).map((s) => [s.name, s])),
    host: options.host,
    families: new Set(options.families ?? [4, 6]),
  };
}

export const ACCEPT: Action = { kind: 'verdict', verdict: 'accept' };
export const DROP: Action = { kind: 'verdict', verdict: 'drop' };
export const REJECT: Action = { kind: 'verdict', verdict: 'reject' };
export const RETURN: Action = { kind: 'return' };
export const NOTRACK: Action = { kind: 'notrack' };

/** A jump to a chain of the table. */
export function jump(name: string, table = 'filter'): Action {
  return { kind: 'jump', chain: `${table} ${name}` };
}

/** A goto to a chain of the table. */
export function goto(name: string, table = 'filter'): Action {
  return { kind: 'goto', chain: `${table} ${name}` };
}

/** `MARK --set-mark`, and the like for other fields. */
export function set(field: 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags', value: number): Action {
  return { kind: 'assign', field, keep: 0, xor: value };
}

/** DNAT to `address`, `first-last`, or `local` (REDIRECT), with a port or a range of ports. */
export function dnat(address: string | undefined, port?: number | readonly [number, number]): Action {
  return translate('dnat', address, port);
}

/** SNAT, or MASQUERADE with `local`. */
export function snat(address: string | undefined, port?: number | readonly [number, number]): Action {
  return translate('snat', address, port);
}

function translate(
  what: 'dnat' | 'snat',
  address: string | undefined,
  port: number | readonly [number, number] | undefined,
): Action {
  const range = address === undefined || address === 'local' ? undefined : parseAddressRange(address);
  const [lo, hi] = typeof port === 'number' ? [port, port] : (port ?? [0, 0]);
  return {
    kind: 'translate',
    what,
    ...(address === 'local' ? { address: { kind: 'local' } } : {}),
    ...(range === undefined ? {} : { address: { kind: 'range', lo: range.lo, hi: range.hi } }),
    ...(port === undefined ? {} : { port: { lo, hi } }),
  };
}

/** A numeric field with one of the values, or of `[from, to]` ranges. */
export function field(
  name: NumericField,
  ...values: readonly (number | readonly [number, number])[]
): Condition {
  const pairs = values.map((v) => (typeof v === 'number' ? ([v, v] as const) : v));
  return { kind: 'field', field: name, values: pairs.flat() };
}

/** `--ctstate`. */
export function state(...states: readonly ConnectionState[]): Condition {
  const indices = states.map((s) => CONNECTION_STATES.indexOf(s)).sort();
  return { kind: 'or', of: indices.map((index) => field('state', index)) };
}

/** An address field in `a`, `a/n` or `a-b`. */
export function address(name: AddressField, text: string): Condition {
  const range = parseAddressRange(text);
  if (range === undefined) throw new Error(`no address: ${text}`);
  return range.family === 4
    ? { kind: 'address', family: 4, field: name, values: [Number(range.lo), Number(range.hi)] }
    : { kind: 'address', family: 6, field: name, values: [range.lo, range.hi] };
}

/** Interface names, or prefixes ending in `+`. */
export function iface(name: 'in' | 'out', ...patterns: readonly string[]): Condition {
  return { kind: 'interface', field: name, names: patterns.map(pattern) };
}

function pattern(text: string): InterfacePattern {
  return text.endsWith('+') ? { name: text.slice(0, -1), prefix: true } : { name: text, prefix: false };
}

export function not(of: Condition): Condition {
  return { kind: 'not', of };
}

export function masked(name: NumericField, mask: number, value: number): Condition {
  return { kind: 'masked', field: name, mask, value };
}

/** An unmodelled match; stateful ones each have their own place. */
export function opaque(text: string, stateful = false): Condition {
  // One with memory is told from others by its place, so each stands in a file of its own.
  const file = new SourceFile(`opaque ${++made}`, text);
  return { kind: 'opaque', text, stateful, span: { file, start: 0, end: text.length } };
}

/** `-m addrtype`. */
export function addressType(
  name: 'src' | 'dst',
  types: readonly AddressType[],
  limit?: 'in' | 'out',
): Condition {
  return { kind: 'address-type', field: name, types, ...(limit === undefined ? {} : { limit }) };
}

/** `-m set --match-set name directions`. */
export function inSet(name: string, directions: string, returnNomatch = false): Condition {
  return {
    kind: 'set',
    set: name,
    directions: directions.split(',') as ('src' | 'dst')[],
    returnNomatch,
    text: `-m set --match-set ${name} ${directions}`,
    span: span(),
  };
}

/** A set with elements as `ipset save` prints them (addresses, networks, ranges, `proto:port`, names, marks). */
export function namedSet(
  name: string,
  type: string,
  elements: readonly string[],
  options: { family?: 4 | 6; markmask?: number } = {},
): NamedSet {
  const dimensions = type.slice(type.indexOf(':') + 1).split(',') as NamedSet['dimensions'];
  const familyless = type === 'bitmap:port' || type === 'hash:mac' || type === 'list:set';
  return {
    name,
    type,
    family: familyless ? undefined : (options.family ?? 4),
    dimensions,
    elements: elements.map((text) => element(text, dimensions, options.markmask ?? 0xffffffff)),
    origin: span(`create ${name} ${type}`),
  };
}

function element(text: string, dimensions: NamedSet['dimensions'], markmask: number): SetElement {
  const [key = '', ...flags] = text.split(' ');
  const words = key.split(',');
  return {
    parts: dimensions.map((dimension, at) => part(words[at], dimension, markmask)),
    nomatch: flags.includes('nomatch'),
    origin: span(`add ${text}`),
  };
}

function part(
  word: string | undefined,
  dimension: NamedSet['dimensions'][number],
  markmask: number,
): SetElement['parts'][number] {
  switch (dimension) {
    case 'ip':
    case 'net': {
      const range = parseAddressRange(word ?? '');
      const prefix = parsePrefix(word ?? '');
      if (range === undefined) throw new Error(`no address: ${word}`);
      return {
        kind: 'address',
        ...range,
        prefix: prefix?.prefix ?? (range.family === 4 ? 32 : 128),
      };
    }
    case 'port': {
      const [protocol, ports] = (word ?? '').includes(':') ? (word ?? '').split(':') : [undefined, word];
      const [lo, hi] = (ports ?? '').split('-').map(Number);
      return {
        kind: 'port',
        protocol: protocol === undefined ? undefined : Number(protocol),
        lo: lo ?? 0,
        hi: hi ?? lo ?? 0,
      };
    }
    case 'mac':
      return { kind: 'mac', mac: word === undefined ? undefined : mac(word) };
    case 'mark':
      return { kind: 'mark', value: (Number(word) & markmask) >>> 0, mask: markmask };
    case 'iface': {
      const physdev = (word ?? '').startsWith('physdev:');
      const bare = (word ?? '').replace('physdev:', '');
      return { kind: 'iface', name: bare.replace('+', ''), wildcard: bare.endsWith('+'), physdev };
    }
    case 'set':
      return { kind: 'set', name: word ?? '' };
  }
}

/** A MAC address as a number. */
export function mac(text: string): number {
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/** The host's addresses as `interface address/prefix` lines; `lo` is the loopback interface. */
export function host(...lines: readonly string[]): HostFacts {
  const addresses = lines.map((line) => {
    const [name = '', prefix = '', ...flags] = line.split(' ');
    const parsed = parseAddress(prefix.split('/')[0] ?? '');
    if (parsed === undefined) throw new Error(`no address: ${line}`);
    return {
      interface: name,
      loopback: name === 'lo',
      family: parsed.family,
      address: parsed.value,
      prefixLength: Number(prefix.split('/')[1]),
      secondary: flags.includes('secondary'),
      ...(parsed.family === 4 && parsed.value >> 24n === 127n ? { narrow: true as const } : {}),
    };
  });
  return { interfaces: [...new Set(addresses.map((a) => a.interface))], addresses, origin: span('[]') };
}

/** A packet with the usual values: new TCP from 192.0.2.7 port 40000 to 10.1.2.10 port 22, arriving by eth0. */
export function packet(change: Partial<Packet> & { from?: string; to?: string } = {}): Packet {
  const { from, to, ...rest } = change;
  const hook = change.hook ?? 'input';
  const src = parseAddress(from ?? '192.0.2.7');
  const dst = parseAddress(to ?? '10.1.2.10');
  if (src === undefined || dst === undefined) throw new Error(`no address: ${from} ${to}`);
  return {
    family: dst.family,
    hook,
    in: hook === 'output' || hook === 'egress' ? '' : 'eth0',
    out: hook === 'input' || hook === 'ingress' ? '' : 'eth1',
    src: src.value,
    dst: dst.value,
    protocol: 6,
    sport: 40000,
    dport: 22,
    icmpType: 0,
    icmpCode: 0,
    tcpFlags: 2,
    state: 'new',
    mark: 0,
    ctmark: 0,
    mac: 0x020000000001,
    length: 60,
    ttl: 64,
    tos: 0,
    pkttype: 'unicast',
    fragment: 'none',
    extensionHeaders: 0,
    groups: [],
    peerGroups: [],
    ...rest,
  };
}
