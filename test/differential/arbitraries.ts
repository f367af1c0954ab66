import fc from 'fast-check';
import type { Packet } from '../../src/packet/packet.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Action, Chain, HostFacts, NamedSet, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import {
  ACCEPT,
  DROP,
  NOTRACK,
  REJECT,
  RETURN,
  address,
  addressType,
  chain,
  dnat,
  field,
  goto,
  iface,
  inSet,
  jump,
  masked,
  not,
  opaque,
  rule,
  ruleset,
  set,
  state,
} from '../support/rules.ts';

/** Random rule sets over every construct of the model, and packets at the edges of what they mention. */

const NETWORKS4 = [
  '10.0.0.0/8',
  '10.1.2.0/24',
  '10.1.2.10',
  '192.0.2.0-192.0.2.77',
  '0.0.0.0/0',
  '198.51.100.7',
  '224.0.0.0/4',
  '127.0.0.1',
];
const NETWORKS6 = [
  '2001:db8::/32',
  '2001:db8::10',
  'fe80::/10',
  '::/0',
  '2001:db8::5-2001:db8::ffff',
  'ff02::1',
];
const EDGES4 = [
  '10.0.0.0',
  '10.255.255.255',
  '10.1.2.0',
  '10.1.2.10',
  '10.1.2.11',
  '10.1.2.255',
  '192.0.2.77',
  '192.0.2.78',
  '198.51.100.7',
  '11.0.0.0',
  '224.0.0.1',
  '127.0.0.1',
  '255.255.255.255',
  '172.17.0.2',
];
const EDGES6 = [
  '2001:db8::',
  '2001:db8::10',
  '2001:db8::11',
  '2001:db8::ffff',
  '2001:db9::',
  'fe80::1',
  '::1',
  'ff02::1',
  '2001:db8::5',
];
const PORTS = [0, 21, 22, 23, 80, 443, 1023, 1024, 5500, 5577, 65535];
const INTERFACES = ['lo', 'eth0', 'eth1', 'eth', 'ppp0', 'docker0'];
const MARKS = [0, 1, 2, 0x10, 0xff, 0x80000001];
const TEXTS = ['-m string --string "x"', '-m owner --uid-owner 0', '-m rpfilter'];

const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

function leaf(family: 4 | 6): fc.Arbitrary<Condition> {
  const networks = family === 4 ? NETWORKS4 : NETWORKS6;
  const port = fc.tuple(one(PORTS), one(PORTS)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return fc.oneof(
    fc
      .tuple(one(['src', 'dst', 'origDst', 'origSrc'] as const), one(networks))
      .map(([name, text]) => address(name, text)),
    fc.tuple(one(['sport', 'dport', 'origDport'] as const), port).map(([name, range]) => field(name, range)),
    one([6, 17, 1, 58, 47]).map((protocol) => field('protocol', protocol)),
    fc
      .tuple(one(['in', 'out'] as const), one([...INTERFACES, 'eth+', '+']))
      .map(([name, text]) => iface(name, text)),
    fc
      .subarray(['new', 'established', 'related', 'invalid', 'untracked'] as const, { minLength: 1 })
      .map((states) => state(...states)),
    fc
      .tuple(one(['mark', 'ctmark'] as const), one(MARKS), one([0xffffffff, 0xf, 0x80000000]))
      .map(([name, value, mask]) => masked(name, mask, (value & mask) >>> 0)),
    one([0, 8, 128]).map((type) => field('icmpType', type)),
    fc
      .tuple(one([0x17, 0x02, 0x12]), one([0x02, 0x12, 0]))
      .map(([mask, value]) => masked('tcpFlags', mask, value & mask)),
    fc
      .tuple(one(['length', 'ttl', 'tos', 'mac'] as const), one([0, 1, 60, 64, 65, 255]))
      .map(([name, value]) => field(name, value)),
    one([0, 1, 2]).map((value) => field('pkttype', value)),
    one([0, 1, 2]).map((value) => field('fragment', value)),
    fc
      .tuple(one(['src', 'dst'] as const), one(['local', 'broadcast', 'multicast', 'unicast'] as const))
      .map(([name, type]) => addressType(name, [type])),
    fc
      .tuple(one(['hosts', 'services']), one(['src,dst', 'src,src', 'dst,dst']))
      .map(([name, directions]) =>
        name === 'hosts' ? inSet(name, directions.split(',')[0] as string) : inSet(name, directions),
      ),
    fc.tuple(one(TEXTS), fc.boolean()).map(([text, stateful]) => opaque(text, stateful)),
    one(['dnat', 'snat'] as const).map((what): Condition => ({ kind: 'translated', what })),
  );
}

function condition(family: 4 | 6): fc.Arbitrary<Condition> {
  const part = leaf(family);
  return fc.oneof(
    { weight: 6, arbitrary: part },
    { weight: 3, arbitrary: part.map(not) },
    {
      weight: 1,
      arbitrary: fc.array(part, { minLength: 2, maxLength: 3 }).map((of): Condition => ({ kind: 'or', of })),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(part, { minLength: 2, maxLength: 3 })
        .map((of): Condition => not({ kind: 'and', of })),
    },
  );
}

function actions(family: 4 | 6, table: string, jumps: readonly string[]): fc.Arbitrary<Action[]> {
  const terminal: fc.Arbitrary<Action>[] = [one([ACCEPT, DROP, REJECT, RETURN])];
  if (jumps.length > 0) {
    terminal.push(
      one(jumps).map((name) => jump(name, table)),
      one(jumps).map((name) => goto(name, table)),
    );
  }
  if (table === 'nat') {
    const to = family === 4 ? ['172.17.0.2', '10.1.2.10'] : ['2001:db8::10', '2001:db8::ffff'];
    terminal.push(
      fc
        .tuple(one([...to, undefined, 'local']), one([undefined, 8080, 22]))
        .map(([where, port]) => dnat(where, port ?? (where === undefined ? 80 : undefined))),
    );
  }
  if (table === 'raw') terminal.push(fc.constant(NOTRACK));
  const unknown: Action = { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], text: '-j NFQUEUE' };
  const last = fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...terminal) },
    { weight: 1, arbitrary: fc.constant(unknown) },
  );
  const first = fc.oneof(
    fc.tuple(one(['mark', 'ctmark'] as const), one(MARKS)).map(([name, value]) => set(name, value)),
    fc
      .tuple(one(MARKS), one([0, 0xf0, 0xffffffff]))
      .map(([xor, keep]): Action => ({ kind: 'assign', field: 'mark', keep, xor })),
    one([0xff, 0xffffffff]).map(
      (take): Action => ({ kind: 'assign', field: 'ctmark', keep: ~take >>> 0, from: 'mark', take, xor: 0 }),
    ),
    one([0xff, 0xffffffff]).map(
      (take): Action => ({ kind: 'assign', field: 'mark', keep: ~take >>> 0, from: 'ctmark', take, xor: 0 }),
    ),
    fc.constant<Action>({ kind: 'note', text: '-j LOG' }),
    fc.constant(set('tos', 1)),
  );
  return fc.oneof(
    { weight: 4, arbitrary: last.map((action) => [action]) },
    { weight: 1, arbitrary: first.map((action) => [action]) },
    { weight: 1, arbitrary: fc.tuple(first, last).map((both) => [...both]) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(first, condition(family), last)
        .map(([a, match, b]) => [a, { kind: 'require', match } as const, b]),
    },
  );
}

function rules(family: 4 | 6, table: string, jumps: readonly string[]): fc.Arbitrary<Rule[]> {
  const oneRule = fc
    .tuple(fc.array(condition(family), { maxLength: 3 }), actions(family, table, jumps))
    .map(([match, then]) => rule(match, ...then));
  return fc.array(oneRule, { maxLength: 6 });
}

function table(
  family: 4 | 6,
  name: string,
  hooks: readonly ('prerouting' | 'input' | 'forward' | 'output' | 'postrouting')[],
): fc.Arbitrary<Chain[]> {
  const policy = name === 'filter' ? one(['accept', 'drop'] as const) : fc.constant('accept' as const);
  const user = fc
    .tuple(rules(family, name, ['B']), rules(family, name, []))
    .map(([a, b]) => [chain('A', a, { table: name }), chain('B', b, { table: name })]);
  const base = fc.tuple(
    ...hooks.map((hook) =>
      fc
        .tuple(rules(family, name, ['A', 'B']), policy)
        .map(([r, p]) => chain(hook, r, { table: name, hook, policy: p })),
    ),
  );
  return fc.tuple(user, base).map(([users, bases]) => [...users, ...bases]);
}

const SETS: readonly NamedSet[] = (() => {
  const origin = rule([]).origin;
  const part = (text: string, prefix: number) => {
    const condition = address('src', text);
    if (condition.kind !== 'address') throw new Error(text);
    const [lo, hi] = condition.values;
    return {
      kind: 'address' as const,
      family: condition.family,
      lo: BigInt(lo as number | bigint),
      hi: BigInt(hi as number | bigint),
      prefix,
    };
  };
  const element = (parts: NamedSet['elements'][number]['parts'], nomatch = false) => ({
    parts,
    nomatch,
    origin,
  });
  const port = (protocol: number, lo: number, hi: number) => ({ kind: 'port' as const, protocol, lo, hi });
  return [
    {
      name: 'hosts',
      type: 'hash:net',
      family: 4,
      dimensions: ['net'],
      origin,
      elements: [
        element([part('10.0.0.0/8', 8)]),
        element([part('10.1.2.0/24', 24)], true),
        element([part('10.1.2.10', 32)]),
      ],
    },
    {
      name: 'services',
      type: 'hash:ip,port',
      family: 4,
      dimensions: ['ip', 'port'],
      origin,
      elements: [
        element([part('10.1.2.10', 32), port(6, 22, 80)]),
        element([part('198.51.100.7', 32), port(17, 5500, 5577)]),
      ],
    },
  ];
})();

const HOST: HostFacts = {
  interfaces: ['lo', 'eth0', 'docker0'],
  addresses: [
    { interface: 'lo', loopback: true, family: 4, address: 0x7f000001n, prefixLength: 8, secondary: false },
    {
      interface: 'eth0',
      loopback: false,
      family: 4,
      address: 0x0a01020an,
      prefixLength: 24,
      broadcast: 0x0a0102ffn,
      secondary: false,
    },
    {
      interface: 'eth0',
      loopback: false,
      family: 6,
      address: (0x20010db8n << 96n) | 0x10n,
      prefixLength: 64,
      secondary: false,
    },
  ],
  origin: rule([]).origin,
};

/** A whole rule set of one family. */
export function rulesetArbitrary(family: 4 | 6): fc.Arbitrary<Ruleset> {
  return fc
    .tuple(
      table(family, 'raw', ['prerouting', 'output']),
      table(family, 'mangle', ['prerouting', 'input', 'forward', 'output', 'postrouting']),
      table(family, 'nat', ['prerouting', 'output']),
      table(family, 'filter', ['input', 'forward', 'output']),
      fc.boolean(),
      fc.subarray(['raw', 'mangle', 'nat']),
    )
    .map(([raw, mangle, nat, filter, facts, present]) => {
      const chosen = [
        ...(present.includes('raw') ? raw : []),
        ...(present.includes('mangle') ? mangle : []),
        ...(present.includes('nat') ? nat : []),
        ...filter,
      ];
      return ruleset(chosen, { sets: SETS, families: [family], ...(facts ? { host: HOST } : {}) });
    });
}

/** A packet at the edges of what the rule sets mention. */
export function packetArbitrary(family: 4 | 6): fc.Arbitrary<Packet> {
  const edges = family === 4 ? EDGES4 : EDGES6;
  const value = one(edges).map((text) => {
    const condition = address('src', text);
    return condition.kind === 'address' ? BigInt(condition.values[0] as number | bigint) : 0n;
  });
  return fc
    .record({
      hook: one(['input', 'forward', 'output'] as const),
      in: one(INTERFACES),
      out: one(INTERFACES),
      src: value,
      dst: value,
      protocol: one([6, 17, family === 4 ? 1 : 58, 47]),
      sport: one(PORTS),
      dport: one(PORTS),
      icmpType: one([0, 8, 128]),
      icmpCode: one([0, 1]),
      tcpFlags: one([0x02, 0x10, 0x12, 0]),
      state: one(['new', 'established', 'related', 'invalid', 'untracked'] as const),
      mark: one(MARKS),
      ctmark: one(MARKS),
      mac: one([0, 1, 60]),
      length: one([60, 64, 65]),
      ttl: one([1, 64, 255]),
      tos: one([0, 1, 255]),
      pkttype: one(['unicast', 'broadcast', 'multicast'] as const),
      fragment: fc.oneof(
        { weight: 8, arbitrary: fc.constant('none' as const) },
        { weight: 1, arbitrary: one(['first', 'later'] as const) },
      ),
    })
    .map((raw): Packet => {
      const ported = [6, 17].includes(raw.protocol) && raw.fragment !== 'later';
      const icmp = raw.protocol === (family === 4 ? 1 : 58) && raw.fragment !== 'later';
      return {
        ...raw,
        family,
        in: raw.hook === 'output' ? '' : raw.in,
        out: raw.hook === 'input' ? '' : raw.out,
        sport: ported ? raw.sport : 0,
        dport: ported ? raw.dport : 0,
        icmpType: icmp ? raw.icmpType : 0,
        icmpCode: icmp ? raw.icmpCode : 0,
        tcpFlags: raw.protocol === 6 && raw.fragment !== 'later' ? raw.tcpFlags : 0,
        ctmark: raw.state === 'new' ? 0 : raw.ctmark,
        extensionHeaders: 0,
        groups: [],
        peerGroups: [],
      };
    });
}
