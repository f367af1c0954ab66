import { ALWAYS, allOf, anyOf } from '../../../rule/condition.ts';
import { LOOPBACK } from './header.ts';
import { badMatch, type MatchModule, opaque, opaqueOption, opaqueWayBack, signed } from './module.ts';
import { opaqueMatch, opaqueWhole, partText } from './opaque.ts';
import { physdev } from './physdev.ts';

const STATELESS = { stateful: false, separate: false } as const;
const STATEFUL = { stateful: true, separate: false } as const;
/** What they look at differs from hook to hook (no outgoing interface at input, and so on). */
const BY_HOOK = { stateful: true, separate: true } as const;

const RECENT_CHECKS = new Set(['set', 'rcheck', 'update', 'remove']);

/** `-m recent`: `--set` always succeeds (iptables-extensions(8)); the other checks depend on earlier packets. */
const recent: MatchModule = {
  ...opaqueMatch(
    'recent',
    STATEFUL,
    '!set',
    '!rcheck',
    '!update',
    '!remove',
    'seconds=1',
    'reap',
    'hitcount=1',
    'rttl',
    'name=1',
    'rsource',
    'rdest',
    'mask=1',
  ),
  lower(use, context) {
    const checks = use.options.filter((option) => RECENT_CHECKS.has(option.name));
    const check = checks[0];
    if (check === undefined || checks.length > 1)
      return badMatch(
        context,
        use,
        '`-m recent` takes exactly one check',
        '`--set`, `--rcheck`, `--update` or `--remove`',
      );
    return check.name === 'set' ? signed(check, ALWAYS) : opaqueWhole(use, context, true);
  },
};

/**
 * `-m rpfilter --invert` is the negation of `-m rpfilter`. What comes in by the loopback device matches without a look at the routes
 * (rpfilter_is_loopback in net/ipv4/netfilter/ipt_rpfilter.c and its like); it stands at PREROUTING only.
 */
const rpfilter: MatchModule = {
  ...opaqueMatch('rpfilter', STATELESS, 'loose', 'validmark', 'accept-local', 'invert'),
  lower(use, context) {
    const invert = use.options.find((option) => option.name === 'invert');
    const rest = { ...use, options: use.options.filter((option) => option !== invert) };
    const text = [`-m ${use.name}`, ...rest.options.map((option) => partText(option, true))].join(' ');
    const open = opaqueWayBack(context, use, text);
    const condition = anyOf([LOOPBACK, open]);
    return invert === undefined ? condition : { kind: 'not', of: condition };
  },
};

const OWNER = [
  '!uid-owner=1',
  '!gid-owner=1',
  '!socket-exists',
  'suppl-groups',
  '!pid-owner=1',
  '!sid-owner=1',
  '!cmd-owner=1',
];

/** `-m owner`: separate conditions, unless `--suppl-groups` changes what `--gid-owner` means. */
const owner: MatchModule = {
  ...opaqueMatch('owner', STATELESS, ...OWNER),
  lower: (use, context) =>
    use.options.some((option) => option.name === 'suppl-groups')
      ? opaqueWhole(use, context, false)
      : allOf(use.options.map((option) => opaqueOption(context, use, option, false))),
};

const policy: MatchModule = {
  ...opaqueMatch(
    'policy',
    STATELESS,
    'dir=1',
    'pol=1',
    'strict',
    '!reqid=1',
    '!spi=1',
    '!proto=1',
    '!mode=1',
    '!tunnel-src=1',
    '!tunnel-dst=1',
    'next',
  ),
  repeatable: true,
  // Negations concern single elements of the policy, never the whole.
  lower(use, context) {
    const text = ['-m policy', ...use.options.map((option) => partText(option, true))].join(' ');
    return opaque(context, use, text, false);
  },
};

/** `-p ipcomp` brings it in. */
export const ipcomp = opaqueMatch('ipcomp', STATELESS, '!ipcompspi=1', 'compres');

const RATEEST = ['bps', 'pps'].flatMap((unit) => ['', '1', '2'].map((n) => `rateest-${unit}${n}=?`));
const HASHLIMIT = [
  'mode',
  'srcmask',
  'dstmask',
  'name',
  'burst',
  'htable-size',
  'htable-max',
  'htable-gcinterval',
  'htable-expire',
  'rate-interval',
];

/** The match extensions of iptables-extensions(8) that postern does not model. */
export const OPAQUE_MATCHES: readonly MatchModule[] = [
  opaqueMatch('bpf', STATELESS, 'bytecode=1', 'object-pinned=1'),
  opaqueMatch('cgroup', STATELESS, '!path=1', '!cgroup=1'),
  opaqueMatch(
    'cluster',
    STATELESS,
    'cluster-total-nodes=1',
    '!cluster-local-node=1',
    '!cluster-local-nodemask=1',
    'cluster-hash-seed=1',
  ),
  opaqueMatch('condition', STATEFUL, '!condition=1'),
  opaqueMatch('connbytes', STATEFUL, '!connbytes=1', 'connbytes-dir=1', 'connbytes-mode=1'),
  opaqueMatch('connlabel', STATEFUL, '!label=1', 'set'),
  opaqueMatch(
    'connlimit',
    STATEFUL,
    '!connlimit-upto=1',
    '!connlimit-above=1',
    'connlimit-mask=1',
    'connlimit-saddr',
    'connlimit-daddr',
  ),
  opaqueMatch('cpu', STATEFUL, '!cpu=1'),
  opaqueMatch('devgroup', BY_HOOK, '!src-group=1', '!dst-group=1'),
  opaqueMatch(
    'hashlimit',
    STATEFUL,
    '!hashlimit-upto=1',
    '!hashlimit-above|hashlimit=1',
    ...HASHLIMIT.map((n) => `hashlimit-${n}=1`),
    'hashlimit-rate-match',
  ),
  opaqueMatch('helper', STATEFUL, '!helper=1'),
  ipcomp,
  opaqueMatch(
    'ipvs',
    STATEFUL,
    '!ipvs',
    '!vproto=1',
    '!vaddr=1',
    '!vport=1',
    'vdir=1',
    '!vmethod=1',
    '!vportctl=1',
  ),
  opaqueMatch('l2tp', STATELESS, 'pversion=1', 'tid=1', 'sid=1', 'type=1'),
  opaqueMatch('limit', STATEFUL, 'limit=1', 'limit-burst=1'),
  opaqueMatch('nfacct', STATEFUL, 'nfacct-name=1'),
  opaqueMatch('osf', STATELESS, '!genre=1', 'ttl=1', 'log=1'),
  owner,
  physdev,
  policy,
  opaqueMatch('quota', STATEFUL, '!quota=1'),
  opaqueMatch(
    'rateest',
    STATEFUL,
    'rateest1=1',
    'rateest2=1',
    'rateest=1',
    'rateest-delta',
    ...RATEEST,
    '!rateest-lt',
    '!rateest-gt',
    '!rateest-eq',
  ),
  opaqueMatch('realm', { ...BY_HOOK, family: 4 }, '!realm=1'),
  recent,
  rpfilter,
  opaqueMatch('socket', STATELESS, 'nowildcard', 'transparent', 'restore-skmark'),
  opaqueMatch('statistic', STATEFUL, 'mode=1', '!probability=1', '!every=1', 'packet=1'),
  opaqueMatch('string', STATELESS, 'from=1', 'to=1', 'algo=1', 'icase', '!string=1', '!hex-string=1'),
  opaqueMatch('tcpmss', STATEFUL, '!mss=1'),
  opaqueMatch(
    'time',
    STATEFUL,
    'datestart=1',
    'datestop=1',
    'timestart=1',
    'timestop=1',
    '!monthdays=1',
    '!weekdays=1',
    'kerneltz',
    'utc',
    'localtz',
    'contiguous',
  ),
  opaqueMatch('u32', STATELESS, '!u32=1'),
];
