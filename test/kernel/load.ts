import type { Operation } from './agent.ts';

/** The files of one host, as the real tools load them. */
export interface RuleFiles {
  /** Which of the two kinds of iptables-restore takes the texts. */
  readonly backend: 'legacy' | 'nft';
  /** For iptables-restore. */
  readonly v4?: string;
  /** For ip6tables-restore. */
  readonly v6?: string;
  /** For `ipset restore`. */
  readonly ipset?: string;
  /** For `nft -f`. */
  readonly nft?: string;
}

const TABLES = ['raw', 'mangle', 'nat', 'filter', 'security'] as const;
const TABLE_CHAINS: Record<(typeof TABLES)[number], readonly string[]> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const EMPTY_TABLES = TABLES.map((table) => {
  const chains = TABLE_CHAINS[table].map((chain) => `:${chain} ACCEPT [0:0]\n`);
  return `*${table}\n${chains.join('')}COMMIT\n`;
}).join('');

/** One run of a tool. */
export interface ToolRun {
  readonly argv: readonly string[];
  readonly input: string;
}

/** The tools that load the files, sets first. */
export function loadOperations(files: RuleFiles): ToolRun[] {
  const runs: ToolRun[] = [];
  if (files.ipset !== undefined) runs.push({ argv: ['ipset', 'restore'], input: files.ipset });
  if (files.v4 !== undefined) runs.push({ argv: [`iptables-${files.backend}-restore`], input: files.v4 });
  if (files.v6 !== undefined) runs.push({ argv: [`ip6tables-${files.backend}-restore`], input: files.v6 });
  if (files.nft !== undefined) runs.push({ argv: ['nft', '-f', '-'], input: files.nft });
  return runs;
}

/** Takes away what {@link loadOperations} of the same files made. An nft text must name its own tables for that. */
export function unloadOperations(files: RuleFiles): Operation[] {
  const operations: Operation[] = [];
  const run = (argv: readonly string[], input: string) => operations.push({ op: 'run', argv, input });
  if (files.backend === 'legacy') {
    if (files.v4 !== undefined) run(['iptables-legacy-restore'], EMPTY_TABLES);
    if (files.v6 !== undefined) run(['ip6tables-legacy-restore'], EMPTY_TABLES);
  }
  const tables = nftTables(files);
  if (tables.length > 0)
    run(['nft', '-f', '-'], tables.map((table) => `add table ${table}\ndelete table ${table}\n`).join(''));
  if (files.ipset !== undefined) {
    // Lists hold their members, and nftables lets go of its rules' sets a little later.
    run(['ipset', 'flush'], '');
    operations.push({ op: 'run', argv: ['ipset', 'destroy'], patient: true });
  }
  return operations;
}

function nftTables(files: RuleFiles): string[] {
  const tables: string[] = [];
  if (files.backend === 'nft') {
    if (files.v4 !== undefined) tables.push(...TABLES.map((table) => `ip ${table}`));
    if (files.v6 !== undefined) tables.push(...TABLES.map((table) => `ip6 ${table}`));
  }
  tables.push(...ownTables(files));
  return [...new Set(tables)];
}

/** The tables that the nft text makes, `inet filter`, in order. */
export function ownTables({ nft = '' }: RuleFiles): string[] {
  const found = [...nft.matchAll(/^\s*(?:add )?table (?:(ip|ip6|inet|netdev|bridge|arp) )?(\S+)/gm)];
  return [...new Set(found.map(([, family, name]) => `${family ?? 'ip'} ${name}`))];
}
