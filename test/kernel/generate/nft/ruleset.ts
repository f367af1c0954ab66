import { LINKS } from '../../topology.ts';
import { address, belongsToHost, isAnycast } from '../addresses.ts';
import { type Chance, happens, pick, some, weighted } from '../chance.ts';
import type { ChainSpec, HostSpec, MatchSpec, RuleSpec, SetSpec, TableSpec } from '../spec.ts';
import { nftMatch } from './match.ts';
import type { NftFamily, NftPlace } from './place.ts';
import { nftTarget } from './target.ts';

/** A base chain to be. */
interface Base {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: string;
  readonly priority: string;
  readonly devices?: readonly string[];
}

type Ground = Pick<NftPlace, 'family' | 'kind' | 'table' | 'tableFamily' | 'sets'>;

/** A host whose rules are nft's: one to three tables, each with base chains of several hooks and priorities. */
export function generateNftHost(chance: Chance): HostSpec {
  const family = happens(chance, 60) ? 4 : 6;
  const kind = happens(chance, 50) ? 'sink' : 'router';
  const sets: SetSpec[] = [];
  const count = weighted(chance, [
    [55, 1],
    [30, 2],
    [15, 3],
  ]);
  const tables: TableSpec[] = [];
  for (let at = 0; at < count; at++) {
    const tableFamily = weighted<NftFamily>(chance, [
      [56, 'inet'],
      [38, family === 4 ? 'ip' : 'ip6'],
      [6, 'netdev'],
    ]);
    tables.push(generateTable(chance, { family, kind, table: `t${at}`, tableFamily, sets }));
  }
  const plan = Object.fromEntries(
    ['', ...LINKS.map(({ name }) => name)].map((name) => [name, pick(chance, LINKS).name]),
  );
  return { backend: 'nft', kind, family, plan, tables, sets };
}

const PRIORITIES: Readonly<Record<string, readonly string[]>> = {
  prerouting: [
    'raw',
    'raw',
    '-310',
    'mangle',
    '-260',
    '-150',
    'mangle + 5',
    'filter',
    'dstnat',
    'dstnat - 10',
    '50',
  ],
  input: ['filter', 'filter', 'filter', 'mangle', 'filter - 1', 'filter + 10', '100', 'security'],
  forward: ['filter', 'filter', 'filter', 'mangle', 'filter - 1', 'filter + 10', '100', 'security'],
  output: ['filter', 'filter', 'raw', '-310', '-260', 'mangle', 'filter + 10', '-100', 'security'],
  postrouting: ['filter', 'mangle', 'srcnat', 'srcnat + 10', '300'],
};
const NAT_PRIORITIES: Readonly<Record<string, readonly string[]>> = {
  prerouting: ['dstnat', 'dstnat', 'dstnat - 5', '-190', '0'],
  input: ['100', '0'],
  output: ['-100', '-100', '-110', '0'],
  postrouting: ['srcnat', 'srcnat', 'srcnat + 5', '0'],
};

function base(chance: Chance, { kind, tableFamily }: Ground): Base {
  const devices = some(chance, LINKS, 1, 3).map(({ name }) => `"${name}"`);
  const ingress = { type: 'filter', priority: pick(chance, ['-500', 'filter', '10']), devices } as const;
  if (tableFamily === 'netdev' || (tableFamily === 'inet' && happens(chance, 6)))
    return { ...ingress, hook: 'ingress' };
  if (happens(chance, 25)) {
    const hook = pick(chance, ['prerouting', 'prerouting', 'postrouting', 'output', 'input']);
    return { type: 'nat', hook, priority: pick(chance, NAT_PRIORITIES[hook] ?? ['0']) };
  }
  const usual =
    kind === 'sink'
      ? ['input', 'input', 'input', 'prerouting']
      : ['forward', 'forward', 'output', 'prerouting', 'input', 'postrouting'];
  const hook = happens(chance, 90) ? pick(chance, usual) : pick(chance, Object.keys(PRIORITIES));
  const type = hook === 'output' && happens(chance, 10) ? 'route' : 'filter';
  return { type, hook, priority: pick(chance, PRIORITIES[hook] ?? ['0']) };
}

/** Whether conntrack has looked at what comes here. Between -250 and -200 stands the harness itself, which untracks packets. */
const isEarly = ({ hook, priority }: Base): boolean =>
  (hook === 'prerouting' || hook === 'output') && ['raw', '-310', '-260'].includes(priority);

function generateTable(chance: Chance, ground: Ground): TableSpec {
  const bases = Array.from({ length: chance.integer(1, 4) }, () => base(chance, ground));
  const users = userChains(chance, ground, bases);
  const closed = happens(chance, 45);
  const chains = bases.map((one, at): ChainSpec => {
    const names = users.filter(({ from }) => from.includes(one)).map(({ chain }) => chain.name);
    const rules = generateRules(chance, place(ground, [one], names), chance.integer(0, 8));
    const dropping = one.type !== 'nat' && ['input', 'forward', 'output'].includes(one.hook) && closed;
    const policy = dropping && happens(chance, 75) ? 'DROP' : 'ACCEPT';
    return {
      name: `base${at}`,
      policy,
      rules,
      head: headOf(one),
    };
  });
  return {
    name: ground.table,
    nft: ground.tableFamily,
    chains: [...users.map(({ chain }) => chain), ...chains],
  };
}

function headOf({ type, hook, priority, devices }: Base): string {
  const on = devices === undefined ? '' : ` devices = { ${devices.join(', ')} }`;
  return `type ${type} hook ${hook}${on} priority ${priority};`;
}

function place(ground: Ground, bases: readonly Base[], chains: readonly string[]): NftPlace {
  const hooks = bases.map(({ hook }) => hook);
  return {
    ...ground,
    type: bases.some(({ type }) => type === 'nat') ? 'nat' : 'filter',
    hooks,
    bare: hooks.includes('ingress'),
    incoming: hooks.every((hook) => ['ingress', 'prerouting', 'input', 'forward'].includes(hook)),
    outgoing: hooks.every((hook) => ['forward', 'output', 'postrouting'].includes(hook)),
    tracked: !hooks.includes('ingress'),
    early: bases.every(isEarly),
    chains,
  };
}

interface UserChain {
  readonly from: readonly Base[];
  readonly chain: ChainSpec;
}

/** User chains; the later ones are reached from the earlier, so that no jumps go in circles. */
function userChains(chance: Chance, ground: Ground, bases: readonly Base[]): UserChain[] {
  const made: UserChain[] = [];
  for (const name of some(chance, ['u0', 'u1', 'u2', 'u3'], 0, 3)) {
    const one = pick(chance, bases);
    const from =
      happens(chance, 60) || one.type === 'nat' ? [one] : bases.filter(({ type }) => type !== 'nat');
    const names = made
      .filter((user) => from.every((b) => user.from.includes(b)))
      .map(({ chain }) => chain.name);
    made.push({
      from,
      chain: { name, rules: generateRules(chance, place(ground, from, names), chance.integer(0, 5)) },
    });
  }
  return made;
}

function generateRules(chance: Chance, where: NftPlace, count: number): RuleSpec[] {
  return Array.from({ length: count }, () => generateRule(chance, where));
}

const NOTES = ['counter', 'log prefix "x: " level debug', 'counter packets 0 bytes 0'];

const HEADERS =
  /\b(tcp|udp|sctp|dccp|udplite|icmp|icmpv6) (?:[sd]port|flags|type|code)\b|\bl4proto (tcp|udp|\S+)|\b(ip protocol)\b/g;

/** A rule that asks for one transport protocol at most: nft refuses others. */
function generateRule(chance: Chance, where: NftPlace): RuleSpec {
  for (;;) {
    const kept = where.sets.length;
    const rule = anyRule(chance, where);
    const words = [...rule.matches, rule.target].map((one) => one.words).join(' ');
    const named = new Set([...words.matchAll(HEADERS)].map(([, ...names]) => names.join('')));
    if (named.size <= 1) return rule;
    where.sets.length = kept;
  }
}

function anyRule(chance: Chance, where: NftPlace): RuleSpec {
  const wanted = weighted(chance, [
    [10, 0],
    [50, 1],
    [30, 2],
    [10, 3],
  ]);
  const matches: MatchSpec[] = Array.from({ length: wanted }, () => nftMatch(chance, where));
  if (happens(chance, 15)) matches.push({ construct: 'counter, log', words: pick(chance, NOTES), aims: [] });
  const { target, matches: more = [] } = nftTarget(chance, where, (from) => translateTo(where, from));
  return { matches: [...matches, ...more], target };
}

/**
 * Where translated packets go: anywhere, but not from a router to itself, where it would not forward them, nor to the anycast
 * addresses of a sink: postern is not told what a sink's networks are.
 */
function translateTo({ kind, family }: NftPlace, chance: Chance): bigint {
  for (;;) {
    const to = address(chance, family);
    if (kind === 'sink' ? family === 4 || !isAnycast(to) : !belongsToHost(family, to)) return to;
  }
}
