import type { Packet } from '../../../src/packet/packet.ts';
import type { ChainSpec, HostSpec, RuleSpec, TableSpec } from '../generate/spec.ts';

/** Whether a smaller host and packet still show what the larger ones did. */
export type StillShows = (host: HostSpec, packet: Packet) => Promise<boolean>;

/** A host and a packet, both as small as single steps can make them. */
export interface Shrunk {
  readonly host: HostSpec;
  readonly packet: Packet;
}

/** Takes rules, chains, tables, matches, sets and unusual fields away as long as the complaint stays. */
export async function shrink(start: Shrunk, stillShows: StillShows): Promise<Shrunk> {
  let best = start;
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of candidates(best)) {
      if (!(await stillShows(candidate.host, candidate.packet))) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

function* candidates({ host, packet }: Shrunk): Generator<Shrunk> {
  for (const smaller of smallerHosts(host)) yield { host: smaller, packet };
  for (const simpler of simplerPackets(packet)) yield { host, packet: simpler };
}

/** Large pieces first: tables, halves of chains, rules, matches, sets, policies. */
function* smallerHosts(host: HostSpec): Generator<HostSpec> {
  for (let t = 0; t < host.tables.length; t++)
    if (host.tables.length > 1) yield { ...host, tables: host.tables.toSpliced(t, 1) };
  for (const [t, table] of host.tables.entries())
    for (const smaller of smallerTables(table)) yield { ...host, tables: host.tables.with(t, smaller) };
  for (let s = 0; s < host.sets.length; s++) yield { ...host, sets: host.sets.toSpliced(s, 1) };
  for (const [s, set] of host.sets.entries())
    for (let line = 1; line < set.lines.length; line++)
      yield { ...host, sets: host.sets.with(s, { ...set, lines: set.lines.toSpliced(line, 1) }) };
}

function* smallerTables(table: TableSpec): Generator<TableSpec> {
  for (let c = 0; c < table.chains.length; c++) {
    const chain = table.chains[c] as ChainSpec;
    const replace = (smaller: ChainSpec): TableSpec => ({ ...table, chains: table.chains.with(c, smaller) });
    if (table.chains.length > 1) yield { ...table, chains: table.chains.toSpliced(c, 1) };
    const half = chain.rules.length >> 1;
    if (half > 0) {
      yield replace({ ...chain, rules: chain.rules.slice(half) });
      yield replace({ ...chain, rules: chain.rules.slice(0, half) });
    }
    for (let r = 0; r < chain.rules.length; r++)
      yield replace({ ...chain, rules: chain.rules.toSpliced(r, 1) });
    for (const [r, rule] of chain.rules.entries())
      for (const smaller of smallerRules(rule))
        yield replace({ ...chain, rules: chain.rules.with(r, smaller) });
    if (chain.policy === 'DROP') yield replace({ ...chain, policy: 'ACCEPT' });
  }
}

function* smallerRules(rule: RuleSpec): Generator<RuleSpec> {
  for (let m = 0; m < rule.matches.length; m++) yield { ...rule, matches: rule.matches.toSpliced(m, 1) };
}

/** Usual values of the fields that hardly ever matter. */
const USUAL: Partial<Packet> = {
  mark: 0,
  ctmark: 0,
  tos: 0,
  ttl: 64,
  length: 100,
  pkttype: 'unicast',
  extensionHeaders: 0,
  state: 'new',
  mac: 0x020000000001,
  sport: 40_000,
};

function* simplerPackets(packet: Packet): Generator<Packet> {
  for (const [field, value] of Object.entries(USUAL)) {
    const there = packet[field as keyof Packet];
    if (there !== value && there !== 0) yield { ...packet, [field]: value };
  }
}
