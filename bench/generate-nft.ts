import { type Random, randomOf } from './random.ts';

const RULES_OF_A_CHAIN = 250;
const PORTS = [22, 53, 80, 123, 161, 389, 443, 445, 514, 636, 1433, 3306, 3389, 4001, 5432, 5500, 5577, 6379];
const TEAMS = ['billing', 'registry', 'ops', 'backup', 'monitoring', 'partner', 'audit', 'ci'];

/** How large an nftables script is to be. */
export interface NftSize {
  /** Rules in all, jumps included; at least 20. */
  readonly rules: number;
  readonly sets: number;
  /** Elements of each set. */
  readonly elements: number;
  /** Of a hundred rules so many ask a named set. */
  readonly asking: number;
  /** Whether every fifth set is one of networks, and not of single addresses: nft checks these for overlaps. */
  readonly networks: boolean;
  /** Whether three rules in ten name several ports: nft then makes a set of its own for each of these, and takes four times as long. */
  readonly lists: boolean;
}

/**
 * An nftables script as `nft list ruleset` would print it: one inet table, named sets of addresses (or every fifth of
 * networks), a chain for each service, nine rules in ten accept, some ask a named set, half have a comment.
 *
 * @param seed the same seed and size give the same text
 */
export function nftRules(size: NftSize, seed: number): string {
  const random = randomOf(seed + size.rules);
  const sets = Array.from({ length: size.sets }, (_, i) => setText(i, size, random));
  const chains = Math.max(4, Math.round(size.rules / RULES_OF_A_CHAIN));
  const names = Array.from({ length: chains }, (_, i) => `${random.pick(TEAMS)}_${i + 1}`);
  const own = ['iifname "lo" accept', 'ct state established,related accept', 'icmp type echo-request accept'];
  const jumps = names.map((name) => `${portsOf(size, random)} jump ${name}`);
  const remaining = size.rules - own.length - jumps.length - 2;
  const rules: string[][] = names.map(() => []);
  for (let i = 0; i < remaining; i++)
    rules[Math.floor((i * chains) / remaining)]?.push(ruleText(size, random));
  return [
    'table inet filter {',
    ...sets,
    ...names.map((name, i) => chainText(name, rules[i] ?? [])),
    chainText('input', ['type filter hook input priority filter; policy drop;', ...own, ...jumps]),
    chainText('forward', ['type filter hook forward priority filter; policy drop;']),
    chainText('output', [
      'type filter hook output priority filter; policy drop;',
      'oifname "lo" accept',
      'ct state established,related accept',
    ]),
    '}',
    '',
  ].join('\n');
}

const chainText = (name: string, lines: readonly string[]): string =>
  [`\tchain ${name} {`, ...lines.map((line) => `\t\t${line}`), '\t}', ''].join('\n');

function setText(index: number, { elements, networks: some }: NftSize, random: Random): string {
  const networks = some && index % 5 === 4;
  const found = new Set<string>();
  while (found.size < elements) {
    const third = `10.${random.below(256)}.${random.below(256)}`;
    found.add(networks ? `${third}.0/24` : `${third}.${1 + random.below(254)}`);
  }
  const flags = networks ? ['\t\tflags interval'] : [];
  const list = `\t\telements = { ${[...found].join(',\n\t\t\t     ')} }`;
  return [`\tset members_${index + 1} {`, '\t\ttype ipv4_addr', ...flags, list, '\t}', ''].join('\n');
}

function ruleText(size: NftSize, random: Random): string {
  const { sets, asking } = size;
  const source = random.chance(asking) && sets > 0 ? `@members_${1 + random.below(sets)}` : network(random);
  const comment = random.chance(50)
    ? ` comment "${random.pick(TEAMS)}: ticket ${10_000 + random.below(90_000)}"`
    : '';
  return `ip saddr ${source} ${portsOf(size, random)} ${random.chance(90) ? 'accept' : 'drop'}${comment}`;
}

function portsOf({ lists }: NftSize, random: Random): string {
  const protocol = random.chance(85) ? 'tcp' : 'udp';
  if (!lists || random.chance(70)) return `${protocol} dport ${port(random)}`;
  const ports = Array.from({ length: 2 + random.below(4) }, () => port(random));
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  return `${protocol} dport ${sorted.length > 1 ? `{ ${sorted.join(', ')} }` : sorted[0]}`;
}

const port = (random: Random): number =>
  random.chance(60) ? random.pick(PORTS) : 1024 + random.below(64_512);

function network(random: Random): string {
  const third = `10.${random.below(256)}.${random.below(256)}`;
  return random.chance(70) ? `${third}.${1 + random.below(254)}` : `${third}.0/24`;
}
