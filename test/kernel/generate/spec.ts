import type { Packet } from '../../../src/packet/packet.ts';
import type { RuleFiles } from '../load.ts';
import type { HostKind, RoutePlan } from '../topology.ts';

/** Fields that bring a packet near the edge of a match, inside or outside. */
export type Aim = Partial<Packet>;

/** One match as written, with packets at its boundaries. */
export interface MatchSpec {
  readonly words: string;
  readonly aims: readonly Aim[];
  /** What the catalogue calls it, for counting what a run has covered. */
  readonly construct: string;
}

export interface TargetSpec {
  /** `-j DROP`, `-g chain`, or nothing. */
  readonly words: string;
  readonly construct: string;
}

export interface RuleSpec {
  readonly matches: readonly MatchSpec[];
  readonly target: TargetSpec;
}

export interface ChainSpec {
  readonly name: string;
  /** Only built-in chains have one. */
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly rules: readonly RuleSpec[];
}

export interface TableSpec {
  readonly name: 'raw' | 'mangle' | 'nat' | 'filter' | 'security';
  readonly chains: readonly ChainSpec[];
}

export interface SetSpec {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Everything that one host has, in pieces that can be taken away one by one. */
export interface HostSpec {
  readonly backend: 'legacy' | 'nft';
  readonly kind: HostKind;
  readonly family: 4 | 6;
  readonly plan: RoutePlan;
  readonly tables: readonly TableSpec[];
  readonly sets: readonly SetSpec[];
}

/** The texts of a host, for the real tools and for postern's readers alike. */
export function render(host: HostSpec): RuleFiles {
  const text = host.tables.map(renderTable).join('');
  const rules = host.family === 4 ? { v4: text } : { v6: text };
  const ipset = host.sets.flatMap((set) => set.lines).join('\n');
  return { backend: host.backend, ...rules, ...(ipset === '' ? {} : { ipset: `${ipset}\n` }) };
}

function renderTable(table: TableSpec): string {
  const heads = table.chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} [0:0]\n`);
  const rules = table.chains.flatMap((chain) =>
    chain.rules.map((rule) => `-A ${chain.name}${renderRule(rule)}\n`),
  );
  return `*${table.name}\n${heads.join('')}${rules.join('')}COMMIT\n`;
}

function renderRule(rule: RuleSpec): string {
  return [...rule.matches.map((match) => match.words), rule.target.words]
    .filter((words) => words !== '')
    .map((words) => ` ${words}`)
    .join('');
}
