import { describe, expect, it } from 'vitest';
import { check, type Finding, type InputFile } from '../../src/api.ts';
import { loadDeployment } from '../../src/baseline/load-deployment.ts';
import type { Party, ResolvedRow, Traffic } from '../../src/baseline/model.ts';
import { resolveHosts } from '../../src/baseline/resolve.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { formatRange } from '../../src/packet/address.ts';
import { pairsOf } from '../../src/packet/ranges.ts';
import { SourceFile } from '../../src/text/source.ts';
import { whole } from './cases.ts';

/**
 * A config is made from the X-Road baseline itself, one rule for each connection that a row needs. It has no findings;
 * each mutant has exactly the one that the mutation means.
 */
const SITE = `version: 1
roles:
  security-server: [10.1.2.10]
  central-server: [10.1.9.5]
  management-security-server: [10.1.9.6]
  monitoring-security-server: [10.1.9.7]
  ocsp-service: [198.51.100.7]
  timestamping-service: [198.51.100.8]
  data-exchange-partner-security-server: [203.0.113.0/28]
  producer-information-system: [10.1.5.0/28]
  consumer-information-system: [10.1.6.1-10.1.6.9]
  acme-server: [198.51.100.9]
  mail-server: [10.1.0.25]
  admin: [10.1.1.0/24]
  monitoring-system: [10.1.8.8]
features: { acme: true, mail: true, health-check: true }
parameters: { producer-information-system-ports: [8443], health-check-port: 5588 }
hosts:
  - { name: ss1, role: security-server, configs: [rules.v4], baselines: [x-road-security-server, ./bans.yaml] }
`;
const BANS = `version: 1
id: bans
title: What the site forbids
document: { title: House rules }
closed: { in: false, out: false, forward: false }
roles: { security-server: { title: Security Server } }
rows:
  - { id: no-telnet, cells: { Port: telnet }, source: any, destination: security-server, protocols: [tcp], ports: [23], level: prohibited }
`;
const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });

function requiredRows(): readonly ResolvedRow[] {
  const baseline = whole(loadShipped('baselines', 'x-road-security-server'));
  const site = SITE.replace(', ./bans.yaml', '');
  const deployment = whole(loadDeployment(new SourceFile('site.yaml', site)));
  const named = new Map([[baseline.id, baseline]]);
  const [host] = whole(resolveHosts(deployment, named, [], deployment.hosts));
  const rows = host?.baselines.flatMap((one) => one.rows) ?? [];
  return rows.filter(({ level, status }) => level === 'required' && status === 'active');
}

/** The rules that let a row's connections through, one for each range of addresses and ports. */
function rulesOf(row: ResolvedRow): string[] {
  const traffics = [...row.all, ...row.choices.flatMap((choice) => choice.slice(0, 1))];
  return traffics.flatMap((traffic) => {
    if (row.direction === 'loopback') return [`-A INPUT -i lo ${match(traffic)} -j ACCEPT`];
    const [chain, option, peer] =
      row.direction === 'in' ? ['INPUT', 'src', row.source] : ['OUTPUT', 'dst', row.destination];
    return ranges(peer as Party).map(
      (range) => `-A ${chain} -m iprange --${option}-range ${range} ${match(traffic)} -j ACCEPT`,
    );
  });
}

const ranges = ({ ipv4 = [] }: Party): string[] =>
  pairsOf(ipv4).map(([lo, hi]) => {
    const text = formatRange(4, BigInt(lo), BigInt(hi));
    return text.includes('-') ? text : `${text}-${text}`;
  });

function match({ protocol, ports = [] }: Traffic): string {
  const texts = pairsOf(ports).map(([lo, hi]) => (lo === hi ? `${lo}` : `${lo}:${hi}`));
  return `-p ${protocol} -m multiport --dports ${texts.join(',')}`;
}

const rows = requiredRows();
const rules = [...new Set(rows.flatMap(rulesOf))];
const ALWAYS = [
  '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  '-A OUTPUT -o lo -j ACCEPT',
  '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
];

async function findingsOf(lines: readonly string[]): Promise<readonly Finding[]> {
  const text = [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT DROP [0:0]',
    ...lines,
    'COMMIT',
    '',
  ].join('\n');
  const files = [file('rules.v4', text), file('bans.yaml', BANS)];
  const report = whole(await check({ deployment: file('site.yaml', SITE), files }));
  return report.hosts.flatMap(({ findings }) => findings);
}

interface Mutant {
  readonly name: string;
  readonly lines: readonly string[];
  /** What must be found: code, rule and connection, sorted. */
  readonly caught: readonly string[];
}

const name = ({ id, direction }: ResolvedRow): string => `${id} ${direction}`;

/** Each row's rules taken away: the row is missing, and so is every row that needs one of the same rules. */
function withoutRow(row: ResolvedRow): Mutant {
  const gone = rulesOf(row);
  const caught = rows.flatMap((other) => {
    const needed = rulesOf(other);
    const left = needed.filter((rule) => !gone.includes(rule));
    if (left.length === needed.length) return [];
    return [`missing ${left.length === 0 ? 'closed' : 'partly-closed'} ${other.id}`];
  });
  const lines = [...ALWAYS, ...rules.filter((rule) => !gone.includes(rule))];
  return { name: `without ${name(row)}`, lines, caught: caught.sort() };
}

const mutants: readonly Mutant[] = [
  ...rows.map(withoutRow),
  {
    name: 'an undocumented opening',
    lines: [...ALWAYS, ...rules, '-A INPUT -s 10.1.1.0/24 -p tcp -m tcp --dport 9999 -j ACCEPT'],
    caught: ['excessive undocumented-opening -'],
  },
  {
    name: 'a documented port from one more network',
    lines: [...ALWAYS, ...rules, '-A INPUT -s 10.1.2.0/24 -p tcp -m tcp --dport 4000 -j ACCEPT'],
    caught: ['excessive wider-than-documented admin'],
  },
  {
    name: 'an undocumented outbound opening',
    lines: [...ALWAYS, ...rules, '-A OUTPUT -d 10.1.1.1/32 -p udp -m udp --dport 514 -j ACCEPT'],
    caught: ['excessive undocumented-opening -'],
  },
  {
    name: 'a prohibited opening',
    lines: [...ALWAYS, ...rules, '-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT'],
    caught: ['conflicting prohibited-open no-telnet'],
  },
  {
    name: 'a masked row',
    lines: [...ALWAYS, '-A INPUT -p tcp -m tcp --dport 4000 -j DROP', ...rules],
    caught: ['conflicting masked admin'],
  },
  {
    name: 'no replies to what comes in',
    lines: [...ALWAYS.slice(0, 2), ...rules],
    caught: [...new Set(rows.filter(({ direction }) => direction === 'in').map(({ id }) => id))]
      .map((id) => `conflicting half-open ${id}`)
      .sort(),
  },
];

describe('the X-Road baseline against its own config', () => {
  it('has nothing to find where the config has one rule for each row', async () => {
    expect(rows.length).toBeGreaterThan(20);
    expect((await findingsOf([...ALWAYS, ...rules])).map(({ message }) => message)).toEqual([]);
  });

  it('catches every mutant, and nothing else in it', async () => {
    const table: string[] = [];
    for (const { name: mutant, lines, caught } of mutants) {
      const found = await findingsOf(lines);
      const kinds = found.map(({ code, rule, connection }) => `${code} ${rule} ${connection ?? '-'}`);
      expect(
        found.every(({ certainty }) => certainty === 'definite'),
        mutant,
      ).toBe(true);
      expect([...new Set(kinds)].sort(), mutant).toEqual(caught);
      table.push(`${mutant.padEnd(55)} ${caught.join(', ')}`);
    }
    console.info(`${mutants.length} mutants, all caught:\n${table.join('\n')}`);
  });
});
