import type { ConnectionZone } from '../../../rule/action.ts';
import { expectedBy } from '../../../rule/conntrack-helpers.ts';
import type { TargetUse, Word } from '../ast.ts';
import { options } from '../getopt.ts';
import { optionOf, type RuleContext } from '../matches/module.ts';
import { readDirections, readSetName } from '../matches/set.ts';
import { badTarget, note, targetText, type TargetModule, unknownOutcome } from './module.ts';

/** A target after which several things may happen. */
function uncertain(
  name: string,
  outcomes: readonly ('accept' | 'drop' | 'continue')[],
  reason: string,
  ...specs: readonly string[]
): TargetModule {
  return {
    kind: 'target',
    name,
    options: options(...specs),
    lower: (use, context) => unknownOutcome(use, context, outcomes, reason),
  };
}

/** `-j CT` (net/netfilter/xt_CT.c): `--notrack` is exact; zones are told, since states are looked up in a zone. */
const ct: TargetModule = {
  kind: 'target',
  name: 'CT',
  options: options(
    'notrack',
    'helper=1',
    'timeout=1',
    'ctevents=1',
    'expevents=1',
    'zone=1',
    'zone-orig=1',
    'zone-reply=1',
  ),
  lower(use, context) {
    if (optionOf(use, 'notrack') !== undefined) return [{ kind: 'notrack' }];
    if (use.options.some((option) => option.name.startsWith('zone')))
      context.problems.cover(
        'approximated',
        context.span,
        'connection states are taken as if there were one conntrack zone, but for what follows the first packets of documented connections',
      );
    const helper = optionOf(use, 'helper');
    const expects = helper === undefined ? {} : { expects: expectedBy(helper.values[0]?.text ?? '') };
    return [{ kind: 'note', text: targetText(use), zone: zoneOf(use), tracks: 'first', ...expects }];
  },
};

/**
 * The zone of a CT target; without one it is 0, and later ones do not count (net/netfilter/xt_CT.c, xt_ct_target). Both directions
 * given are one zone for both, the last one (extensions/libxt_CT.c; xt_ct_flags_to_dir).
 */
function zoneOf({ options: given }: TargetUse): ConnectionZone {
  const zones = given.filter(({ name }) => name.startsWith('zone'));
  const has = (name: string): boolean => zones.some((option) => option.name === name);
  const both = has('zone-orig') === has('zone-reply');
  const direction = both ? 'both' : has('zone-orig') ? 'original' : 'reply';
  const value = zones[zones.length - 1]?.values[0]?.text ?? '0';
  if (value === 'mark') return { direction };
  return { direction, id: /^0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value) };
}

/** `-j SET` (net/netfilter/xt_set.c). Which sets rules change is told to assemble.ts by lower.ts. */
const set: TargetModule = {
  kind: 'target',
  name: 'SET',
  options: options(
    'add-set=2',
    'del-set=2',
    'map-set=2',
    'exist',
    'timeout=1',
    'map-mark',
    'map-prio',
    'map-queue',
  ),
  lower(use, context) {
    const changed = changedSets(use);
    const mapped = optionOf(use, 'map-set');
    if (changed.length === 0 && mapped === undefined)
      return badTarget(context, use, '`SET` names no set', '`--add-set name src`');
    for (const option of use.options) {
      if (option.values.length < 2) continue;
      readSetName(option.values[0] as Word, option, context);
      readDirections(option.values[1] as Word, option, context);
    }
    if (optionOf(use, 'map-mark') === undefined) return note(use);
    context.problems.cover(
      'approximated',
      context.span,
      'the mark comes from a set: it is unknown from here on',
    );
    return [{ kind: 'forget', field: 'mark' }];
  },
};

/** The names of the sets that a SET target adds to or deletes from. */
export function changedSets(use: TargetUse): readonly Word[] {
  return use.options
    .filter((option) => option.name === 'add-set' || option.name === 'del-set')
    .map((option) => option.values[0] as Word);
}

/** `-j TPROXY` (net/netfilter/xt_TPROXY.c): to a local socket, with a mark; dropped where there is none. */
const tproxy: TargetModule = {
  kind: 'target',
  name: 'TPROXY',
  options: options('on-port=1', 'on-ip=1', 'tproxy-mark=1'),
  lower: (use: TargetUse, context: RuleContext) => [
    { kind: 'forget', field: 'mark' },
    ...unknownOutcome(use, context, ['accept', 'drop'], 'a local proxy takes the packet, or it is dropped'),
  ],
};

const PREFIXES = ['src-pfx=1', 'dst-pfx=1'];
const REWRITTEN = 'the packet gets another address, which is not modelled';
const QUEUED = 'a program decides, and may change the packet';

/** `-j DNPT` (net/ipv6/netfilter/ip6t_NPT.c): the next rule sees an address of the other network, or the packet is dropped. */
function prefixed(name: string, field: 'src' | 'dst'): TargetModule {
  const module = uncertain(name, ['drop', 'continue'], REWRITTEN, ...PREFIXES);
  return {
    ...module,
    family: 6,
    lower: (use, context) => [{ kind: 'forget', field }, ...module.lower(use, context)],
  };
}

/** The target extensions of iptables-extensions(8) that let something else decide, or that work on sets and conntrack. */
export const OTHER_TARGETS: readonly TargetModule[] = [
  ct,
  set,
  tproxy,
  uncertain('QUEUE', ['accept', 'drop'], QUEUED),
  uncertain(
    'NFQUEUE',
    ['accept', 'drop'],
    QUEUED,
    'queue-num=1',
    'queue-balance=1',
    'queue-bypass',
    'queue-cpu-fanout',
  ),
  uncertain(
    'SYNPROXY',
    ['accept', 'drop', 'continue'],
    'the host answers a SYN itself before the connection goes on',
    'sack-perm',
    'timestamp',
    'wscale=1',
    'mss=1',
    'ecn',
  ),
  {
    ...uncertain(
      'CLUSTERIP',
      ['drop', 'continue'],
      'another node of the cluster may be the one that answers',
      'new',
      'hashmode=1',
      'clustermac=1',
      'total-nodes=1',
      'local-node=1',
      'hash-init=1',
    ),
    family: 4,
  },
  prefixed('DNPT', 'dst'),
  prefixed('SNPT', 'src'),
];

/** Targets of xtables-addons(8), older kernels and router distributions: known by name, not modelled. */
export const FOREIGN_TARGETS: ReadonlySet<string> = new Set([
  'ACCOUNT',
  'BALANCE',
  'CHAOS',
  'DELUDE',
  'DHCPMAC',
  'DNETMAP',
  'ECHO',
  'FLOWOFFLOAD',
  'FTOS',
  'FULLCONENAT',
  'IMQ',
  'IPMARK',
  'IPV4OPTSSTRIP',
  'LOGMARK',
  'MIRROR',
  'PROTO',
  'RAWDNAT',
  'RAWSNAT',
  'ROUTE',
  'SAME',
  'SYSRQ',
  'TARPIT',
  'XOR',
]);
