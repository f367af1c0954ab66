import type { HostKind, RoutePlan } from '../topology.ts';
import { LINKS } from '../topology.ts';
import { address, belongsToHost, isAnycast } from './addresses.ts';
import { type Chance, happens, pick, some } from './chance.ts';
import type { Surroundings } from './match-spec.ts';
import { matches } from './matches.ts';
import { usualTables } from './realistic.ts';
import { generateSet } from './sets.ts';
import type { ChainSpec, HostSpec, RuleSpec, SetSpec, TableName, TableSpec } from './spec.ts';
import { generateTarget, type TargetChoices } from './targets.ts';

const BUILT_IN: Record<TableName, readonly string[]> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const CHAIN_NAMES: readonly string[] = [
  'services',
  'LAN-in',
  'f2b-sshd',
  'DOCKER_USER',
  'ufw-user',
  'log+drop',
  'cali-X.1',
  'z',
];

/** What every generated rule set of a host shares. */
interface Plan {
  readonly chance: Chance;
  readonly family: 4 | 6;
  readonly kind: HostKind;
  readonly sets: Surroundings['sets'];
}

/** A rule set: of the kinds that people write, or of the kinds that nobody would. */
export function generateHost(chance: Chance): HostSpec {
  const family = happens(chance, 65) ? 4 : 6;
  const kind: HostKind = happens(chance, 50) ? 'sink' : 'router';
  const backend = happens(chance, 50) ? 'legacy' : 'nft';
  const sets = happens(chance, 30)
    ? Array.from({ length: chance.integer(1, 3) }, (_, i) => generateSet(chance, family, `set${i}`))
    : [];
  const plan: Plan = { chance, family, kind, sets };
  const tables = happens(chance, 35)
    ? usualTables({ chance, family, sets, translateTo: (from) => translateTo(plan, from) })
    : anyTables(plan);
  return {
    backend,
    kind,
    family,
    plan: routes(chance),
    tables,
    sets: sets.map(({ name, lines }): SetSpec => ({ name, lines })),
  };
}

function anyTables(plan: Plan): TableSpec[] {
  const { chance } = plan;
  const names = happens(chance, 50)
    ? (['filter'] as const)
    : some(chance, ['raw', 'mangle', 'nat', 'filter', 'security'] as const, 1, 5);
  return names.map((name) => generateTable(plan, name));
}

/** Every interface sends to some other one, or back out of itself. */
function routes(chance: Chance): RoutePlan {
  const entries = ['', ...LINKS.map((link) => link.name)].map((name) => [name, pick(chance, LINKS).name]);
  return Object.fromEntries(entries);
}

function generateTable(plan: Plan, name: TableName): TableSpec {
  const { chance } = plan;
  const used = happens(chance, 60) ? BUILT_IN[name] : some(chance, BUILT_IN[name], 1, 5);
  const users = userChains(plan, name, used);
  const closed = happens(chance, 50);
  const bases = used.map((base): ChainSpec => {
    const around = { family: plan.family, table: name, bases: [base], sets: plan.sets };
    const reachable = users.filter((user) => user.bases.includes(base)).map((user) => user.chain.name);
    const rules = generateRules(plan, around, reachable, chance.integer(0, 9));
    const policy =
      name === 'filter' && closed && happens(chance, 75)
        ? 'DROP'
        : happens(chance, 4) && name !== 'nat'
          ? 'DROP'
          : 'ACCEPT';
    return { name: base, policy, rules };
  });
  return { name, chains: [...bases, ...users.map((user) => user.chain)] };
}

interface UserChain {
  readonly bases: readonly string[];
  readonly chain: ChainSpec;
}

/** User chains, the later ones reachable from the earlier, so that no jumps go in circles. */
function userChains(plan: Plan, table: TableName, used: readonly string[]): UserChain[] {
  const { chance } = plan;
  const names = some(chance, CHAIN_NAMES, 0, happens(chance, 70) ? 3 : 8);
  const made: UserChain[] = [];
  for (const name of [...names].reverse()) {
    // The base chains that lead here decide what may stand here; nat's two halves never share a chain.
    const bases = happens(chance, 70) || table === 'nat' ? [pick(chance, used)] : [...used];
    const around = { family: plan.family, table, bases, sets: plan.sets };
    const reachable = made.filter((user) => bases.every((base) => user.bases.includes(base)));
    const rules = generateRules(
      plan,
      around,
      reachable.map((user) => user.chain.name),
      chance.integer(0, 6),
    );
    made.push({ bases, chain: { name, rules } });
  }
  return made.reverse();
}

function generateRules(
  plan: Plan,
  around: Surroundings,
  users: readonly string[],
  count: number,
): RuleSpec[] {
  const choices: TargetChoices = { userChains: users, translateTo: (chance) => translateTo(plan, chance) };
  return Array.from({ length: count }, () => {
    const { target, protocol } = generateTarget(plan.chance, around, choices);
    const list = happens(plan.chance, 8) ? [] : matches(plan.chance, around);
    if (protocol === undefined) return { matches: list, target };
    const rest = list.filter(
      (match) => !match.words.includes('-p ') && !/^-m (tcp|udp|sctp|dccp|multiport)/.test(match.words),
    );
    const number = protocol === 'tcp' ? 6 : 17;
    const required = { construct: '-p', words: `-p ${protocol}`, aims: [{ protocol: number }] };
    return { matches: [required, ...rest], target };
  });
}

/**
 * Where translated packets go: anywhere, but not from a router to itself, where it would not forward them, nor to the anycast
 * addresses of a sink: postern is not told what a sink's networks are.
 */
function translateTo({ kind, family }: Plan, chance: Chance): bigint {
  for (;;) {
    const to = address(chance, family);
    if (kind === 'sink' ? family === 4 || !isAnycast(to) : !belongsToHost(family, to)) return to;
  }
}
