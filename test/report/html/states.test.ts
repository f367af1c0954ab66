import rehypeParse from 'rehype-parse';
import { unified } from 'unified';
import { beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../../src/api/check.ts';
import type { Report } from '../../../src/finding/report.ts';
import { renderHtml } from '../../../src/report/html/html.ts';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

const BASELINE = `version: 1
id: shop
title: Shop
document: { title: Shop guide }
closed: { in: true, out: false, forward: false }
roles: { shop: { title: Shop }, bank: { title: Bank }, log: { title: Log server }, till: { title: Till } }
tables: { ports: { title: Ports, columns: [What] } }
rows:
  - { id: clearing, table: ports, row: 1, cells: { What: clearing }, source: shop, destination: bank, protocols: [tcp], ports: [{ choice: [80, 443] }] }
  - { id: database, table: ports, row: 2, cells: { What: never }, source: internet, destination: shop, protocols: [tcp], ports: [5432], level: prohibited }
  - { id: syslog, table: ports, row: 3, cells: { What: syslog }, source: shop, destination: log, protocols: [tcp], ports: [514] }
  - { id: sales, table: ports, row: 4, cells: { What: sales }, source: till, destination: shop, protocols: [tcp], ports: [443] }
`;
const SITE = `version: 1
roles: { shop: 10.1.0.5, bank: 198.51.100.9, log: 10.9.0.1, till: 10.2.0.0/24 }
hosts:
  - { name: shop1, role: shop, configs: [rules.v4], baselines: [./shop.yaml] }
`;
const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 5432 -j ACCEPT
-A INPUT -s 10.2.0.0/25 -p tcp -m tcp --dport 443 -j ACCEPT
-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A OUTPUT -d 198.51.100.9/32 -p tcp -m tcp --dport 443 -j ACCEPT
-A OUTPUT -d 10.9.0.1/32 -p tcp -m tcp --dport 514 -m recent --rcheck --name up --rsource -j ACCEPT
COMMIT
`;

/** What the page says between roles and row by row, as text, with a bar behind each cell. */
function words(report: Report): string {
  const [, parts] = /(<section id="matrix".*)<section id="findings"/s.exec(renderHtml(report)) ?? [];
  const cells = (parts ?? '').replaceAll(/<\/t[dh]>/g, ' ¦ </td>');
  const text = (node: { type: string; value?: string; children?: object[] }): string =>
    node.type === 'text'
      ? (node.value ?? '')
      : (node.children ?? []).map((one) => text(one as never)).join(' ');
  return text(unified().use(rehypeParse).parse(cells) as never).replaceAll(/\s+/g, ' ');
}

describe('what the page says of a row', () => {
  let report: Report;
  beforeAll(async () => {
    const files = [file('shop.yaml', BASELINE), file('rules.v4', RULES)];
    const answer = await check({ deployment: file('site.yaml', SITE), files, detail: true });
    if (!answer.ok) throw new Error(answer.errors.map(({ message }) => message).join('\n'));
    report = answer.value;
  });

  it('that is prohibited and open: the lines that open it', () => {
    expect(words(report)).toMatch(/prohibited, and open rules\.v4:6 F\d/);
    expect(words(report)).not.toContain('no config line');
  });

  it('that is prohibited and open: that it is, in the diagram and the list of pairs', () => {
    expect(words(report)).toContain('internet to shop: prohibited and open (thick dotted line, marked ‼).');
    expect(words(report)).toContain('internet ¦ shop ¦ 0 ¦ ‼ 1 prohibited and open ¦ prohibited tcp 5432 ¦');
  });

  it('that is undetermined: the lines on which it depends, and the findings', () => {
    expect(words(report)).toMatch(/\? undetermined rules\.v4:10 may be what opens F\d/);
  });

  it('with a choice: one of the ports, in the list of pairs too', () => {
    expect(words(report)).toContain(
      'shop ¦ bank ¦ 1 ¦ ✓ 1 documented and open ¦ open one of tcp 80 | tcp 443 ¦',
    );
  });

  it('that is partly open: not that it is missing', () => {
    expect(words(report)).toContain('till ¦ shop ¦ 1 ¦ ✕ 1 documented, and missing or partly open ▲ 1 open');
  });

  it('that is waived: that it is, between its roles too, and which finding', () => {
    const [host] = report.hosts as [Report['hosts'][number]];
    const connections = host.connections.map((one) =>
      one.id === 'database' ? { ...one, status: 'waived' as const } : one,
    );
    const text = words({ ...report, hosts: [{ ...host, connections }] });
    expect(text).toMatch(/internet ¦ shop ¦ 0 ¦ ∅ 1 waived ¦/);
    expect(text).toMatch(/∅ waived rules\.v4 ?:6 F\d/);
  });
});
