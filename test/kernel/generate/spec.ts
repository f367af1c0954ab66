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
  /** nft: `type filter hook input priority 0;`, in base chains. */
  readonly head?: string;
}

/** iptables' tables. */
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

export interface TableSpec {
  readonly name: string;
  readonly chains: readonly ChainSpec[];
  /** nft: the table's family. Its sets are the host's whose names begin with the table's. */
  readonly nft?: string;
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
  if (isNft(host))
    return { backend: host.backend, nft: host.tables.map((table) => renderNft(table, host.sets)).join('') };
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

/** Whether the host's rules are nft's. */
export function isNft({ tables }: HostSpec): boolean {
  return tables.some(({ nft }) => nft !== undefined);
}

function renderNft({ nft, name, chains }: TableSpec, sets: readonly SetSpec[]): string {
  const own = sets.filter((set) => set.name.startsWith(`${name} `));
  const blocks = [
    ...own.map((set) => [set.name.slice(name.length + 1), set.lines.map((line) => `${line};`)] as const),
    ...chains.map((chain) => [`chain ${chain.name}`, nftLines(chain)] as const),
  ];
  const body = blocks.map(
    ([head, lines]) => `\t${head} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`,
  );
  return `table ${nft} ${name} {\n${body.join('')}}\n`;
}

function nftLines({ head, policy, rules }: ChainSpec): string[] {
  const lines = rules.map((rule) => renderRule(rule).trim()).filter((line) => line !== '');
  return head === undefined ? lines : [`${head} policy ${policy === 'DROP' ? 'drop' : 'accept'};`, ...lines];
}
