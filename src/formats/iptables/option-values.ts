import type { MatchUse, OptionUse, TargetUse } from './ast.ts';
import type { RuleContext } from './matches/module.ts';
import { bpfProgram, hexString, u32Tests } from './value-texts.ts';
import {
  between,
  either,
  form,
  list,
  maskedOrNamed,
  number,
  oneOf,
  range,
  rate,
  text,
  u16,
  u32,
  u64,
  type ValueKind,
} from './values.ts';

const NAME = text(0, 15);
const HASH_RATE = either(rate(1_000_000), form('bytes such as `5kb/s`', /^0*[1-9][0-9]*[km]?b\/s/));
const CLOCK = form('`hh:mm` or `hh:mm:ss`', /^(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9])?$/);
const DATE = form(
  '`YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` from 1970 to 2038',
  /^(?:19[7-9][0-9]|20[0-2][0-9]|203[0-8])(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12][0-9]|3[01])(?:T(?:[01]?[0-9]|2[0-3])(?::[0-5]?[0-9](?::[0-5]?[0-9])?)?)?)?)?$/,
);
const FRACTION = form(
  'a number from 0 to 1',
  /^\+?(?:0*\.[0-9]+|0+\.?|0*1(?:\.0*)?|[0-9.]+[eE]-[0-9]+|0[xX][01])$/,
);
// A name stands for a number of the host's own (/etc/passwd, /etc/group).
const OWNER = either(
  number(0, 0xfffffffe),
  form('a name', /^[A-Za-z_].*$/),
  form('two numbers with `-`', /^[0-9]+-[0-9]+$/),
);
const SIDES = ['srcip', 'srcport', 'dstip', 'dstport'];
const HASHLIMIT = ['htable-size', 'htable-max', 'htable-expire', 'htable-gcinterval'];

type Values = Readonly<Record<string, Readonly<Record<string, ValueKind>>>>;

/** Values that both backends of iptables 1.8.9 take; all others they refuse. What depends on the host (names of users) is let through. */
const OF_MATCHES: Values = {
  bpf: { bytecode: bpfProgram },
  cgroup: { cgroup: u32 },
  cluster: {
    'cluster-total-nodes': number(1, 32),
    'cluster-local-node': number(1, 32),
    'cluster-local-nodemask': u32,
    'cluster-hash-seed': u32,
  },
  connbytes: {
    connbytes: range(0xffffffffffffffffn),
    'connbytes-dir': oneOf('original', 'reply', 'both'),
    'connbytes-mode': oneOf('packets', 'bytes', 'avgpkt'),
  },
  connlimit: {
    'connlimit-upto': u32,
    'connlimit-above': u32,
    'connlimit-mask': form('a mask or its length', /^[0-9a-fA-F][0-9a-fA-F.:]*$/),
  },
  cpu: { cpu: u32 },
  dccp: { 'dccp-option': number(1, 255) },
  devgroup: { 'src-group': maskedOrNamed, 'dst-group': maskedOrNamed },
  hashlimit: {
    'hashlimit-upto': HASH_RATE,
    'hashlimit-above': HASH_RATE,
    'hashlimit-burst': either(number(1, 1_000_000), form('bytes such as `5kb`', /^0*[1-9][0-9]*[km]?b$/)),
    'hashlimit-mode': list(oneOf(...SIDES)),
    'hashlimit-rate-interval': number(1, 0xffffffff),
    ...Object.fromEntries(HASHLIMIT.map((name) => [`hashlimit-${name}`, u32])),
  },
  limit: { limit: rate(10_000), 'limit-burst': number(0, 10_000) },
  nfacct: { 'nfacct-name': text(1, 1024) },
  osf: { ttl: number(0, 2), log: number(0, 2) },
  owner: { 'uid-owner': OWNER, 'gid-owner': OWNER },
  physdev: { 'physdev-in': NAME, 'physdev-out': NAME },
  policy: {
    dir: oneOf('in', 'out'),
    pol: oneOf('none', 'ipsec'),
    reqid: u32,
    spi: u32,
    proto: oneOf('ah', 'esp', 'ipcomp', 'ipv6-auth', 'ipv6-crypt', '50', '51', '108'),
    mode: oneOf('tunnel', 'transport'),
  },
  quota: { quota: u64 },
  realm: { realm: maskedOrNamed },
  recent: { seconds: number(1, 0xffffffff), hitcount: u32 },
  statistic: {
    mode: oneOf('random', 'nth'),
    probability: FRACTION,
    every: number(1, 0xffffffff),
    packet: u32,
  },
  string: { string: text(0, 128), 'hex-string': hexString, from: u16, to: u16 },
  tcp: { 'tcp-option': number(1, 255) },
  tcpmss: { mss: range(0xffffn) },
  time: {
    timestart: CLOCK,
    timestop: CLOCK,
    datestart: DATE,
    datestop: DATE,
    monthdays: list(number(0, 31)),
    weekdays: list(form('`Mon`, `Tue` … or 1 to 7', /^(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)[a-z]*|[1-9])$/)),
  },
  u32: { u32: u32Tests },
};

const OF_TARGETS: Values = {
  CLASSIFY: { 'set-class': form('`major:minor`, hexadecimal', /^[0-9a-fA-F]+:[0-9a-fA-F]+$/) },
  CT: {
    zone: either(u16, oneOf('mark')),
    'zone-orig': either(u16, oneOf('mark')),
    'zone-reply': either(u16, oneOf('mark')),
  },
  HMARK: { 'hmark-mod': number(1, 0xffffffff) },
  LOG: { 'log-prefix': text(1, 1024) },
  NFLOG: { 'nflog-group': u16, 'nflog-threshold': u16 },
  NFQUEUE: { 'queue-num': u16, 'queue-balance': between(':', 0xffff) },
  TCPMSS: { 'set-mss': number(0, 0xfffe) },
};

/** Options that do not stand together, and options that need another. */
const NOT_TOGETHER: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  connlimit: [
    ['connlimit-upto', 'connlimit-above'],
    ['connlimit-saddr', 'connlimit-daddr'],
  ],
  hashlimit: [['hashlimit-upto', 'hashlimit-above']],
  recent: [['set', 'rttl']],
  string: [['string', 'hex-string']],
  time: [['utc', 'kerneltz']],
  NFQUEUE: [['queue-num', 'queue-balance']],
};

const NEEDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  policy: [['next', 'strict']],
  recent: [['reap', 'seconds']],
  HMARK: [['hmark-mod', 'hmark-rnd']],
  NFQUEUE: [['queue-cpu-fanout', 'queue-balance']],
};

/** Options that one value of another needs. `--packet` may be missing: older tools print it only where it is not 0. */
const NEEDS_WITH: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  statistic: [
    ['mode', 'random', 'probability'],
    ['mode', 'nth', 'every'],
  ],
};

/** Reports a value that the tools refuse, or options that they do not take together; true where there is neither. */
export function hasGoodValues(use: MatchUse | TargetUse, flag: '-m' | '-j', context: RuleContext): boolean {
  const name = typeof use.name === 'string' ? use.name : use.name.text;
  const table = flag === '-m' ? OF_MATCHES : OF_TARGETS;
  const kinds = Object.hasOwn(table, name) ? table[name] : undefined;
  if (kinds !== undefined)
    for (const option of use.options) if (!isGood(option, kinds, context)) return false;
  return together(use, name, context);
}

function isGood(
  option: OptionUse,
  kinds: Readonly<Record<string, ValueKind>>,
  { problems }: RuleContext,
): boolean {
  const word = option.values[0];
  const kind = Object.hasOwn(kinds, option.name) ? kinds[option.name] : undefined;
  if (word === undefined || kind === undefined || kind.accepts(word.text)) return true;
  problems.error('bad-argument', word, `\`${word.text}\` is not what \`--${option.name}\` takes`, {
    expected: kind.expected,
  });
  return false;
}

function together(use: MatchUse | TargetUse, name: string, { problems }: RuleContext): boolean {
  const given = (option: string): OptionUse | undefined => use.options.find((one) => one.name === option);
  const of = <T>(rules: Readonly<Record<string, readonly T[]>>): readonly T[] =>
    Object.hasOwn(rules, name) ? (rules[name] as readonly T[]) : [];
  const both = of(NOT_TOGETHER).find(([one, other]) => given(one) && given(other));
  if (both !== undefined) {
    problems.error('bad-match', use, `\`--${both[0]}\` and \`--${both[1]}\` do not stand together`, {
      expected: 'one of them',
    });
    return false;
  }
  const withValue = of(NEEDS_WITH).filter(([option, value]) => given(option)?.values[0]?.text === value);
  const needed = [...of(NEEDS), ...withValue.map(([option, , other]) => [option, other] as const)];
  const alone = needed.find(([one, other]) => given(one) && !given(other));
  if (alone === undefined) return true;
  problems.error('missing-option', use, `\`--${alone[0]}\` does not stand here without \`--${alone[1]}\``, {
    expected: `\`--${alone[1]}\``,
  });
  return false;
}
