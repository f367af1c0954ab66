import { createHash } from 'node:crypto';
import type { Element, Root } from 'hast';
import rehypeParse from 'rehype-parse';
import { unified } from 'unified';
import { beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../../src/api/check.ts';
import type { HostReport, Report } from '../../../src/finding/report.ts';
import { renderHtml } from '../../../src/report/html/html.ts';
import { markdownChunks } from '../../../src/report/markdown/markdown.ts';
import { report as plain } from '../sample.ts';
import { audited, detailed } from './detailed.ts';

const parser = unified().use(rehypeParse);

function elements(node: Root | Element): Element[] {
  const own = node.type === 'element' ? [node] : [];
  return [...own, ...node.children.flatMap((child) => (child.type === 'element' ? elements(child) : []))];
}

const textOf = (node: Element): string =>
  node.children
    .map((child) => (child.type === 'text' ? child.value : child.type === 'element' ? textOf(child) : ''))
    .join('');

/** The text of the page's section. */
function section(all: readonly Element[], id: string): string {
  const found = all.find((one) => one.tagName === 'section' && one.properties.id === id);
  if (found === undefined) throw new Error(`no section ${id}`);
  return textOf(found).replace(/\s+/g, ' ');
}

let report: Report;
let text: string;
let all: readonly Element[];

beforeAll(async () => {
  report = audited(await detailed('x-road'));
  text = renderHtml(report);
  all = elements(parser.parse(text) as Root);
});

describe('the page', () => {
  it('says in its index what is open where no row asks for it', () => {
    expect(section(all, 'findings')).toContain('no documented row: tcp 5432 from 10.1.0.0-10.1.255.255');
  });

  it('says in the heading of a finding that it is possible', () => {
    const page = elements(parser.parse(renderHtml(plain)) as Root);
    const headings = page.filter(({ tagName }) => tagName === 'h3').map(textOf);
    const marked = headings.filter((heading) => heading.includes('Possible: '));
    const possible = plain.hosts.flatMap(({ findings }) =>
      findings.filter(({ certainty }) => certainty === 'possible'),
    );
    expect(possible.length).toBeGreaterThan(0);
    expect(marked).toHaveLength(possible.length);
  });

  it('has its sections in the order in which an auditor reads', () => {
    const ids = all.filter(({ tagName }) => tagName === 'section').map(({ properties }) => properties.id);
    const order =
      'cover summary limits matrix coverage findings excessive conflicts waivers controls inventory sign-off';
    expect(ids).toEqual(order.split(' '));
    const links = all.filter(({ tagName, properties }) => tagName === 'a' && properties.href !== '#content');
    expect(links.slice(0, 12).map(({ properties }) => properties.href)).toEqual(
      order.split(' ').map((id) => `#${id}`),
    );
  });

  it('shows the rows of one document as it shows those of two, and counts nothing that it does not leave out', async () => {
    const [baseline] = report.baselines;
    const hosts = report.hosts.map((host) => ({
      ...host,
      connections: host.connections.filter((one) => one.baseline === baseline?.id),
    }));
    const page = renderHtml({ ...report, baselines: report.baselines.slice(0, 1), hosts });
    const shown = elements(parser.parse(page) as Root);
    expect(section(shown, 'coverage')).toContain('management-security-server');
    expect(section(shown, 'coverage')).not.toContain('No row of a document');
    expect(section(shown, 'limits')).toContain('Config lines not taken exactly as written');
    expect(page).not.toMatch(/And 0 /);
  });

  it('cuts lines of evidence that are longer than anybody reads, and says how much is left out', () => {
    const [host] = report.hosts;
    const [finding] = host?.findings ?? [];
    if (host === undefined || finding === undefined) throw new Error('no finding');
    const quoted = (text: string): string => {
      const evidence = finding.evidence.map((one) => ({ ...one, text }));
      return renderHtml({ ...report, hosts: [{ ...host, findings: [{ ...finding, evidence }] }] });
    };
    expect(quoted('y'.repeat(600))).toContain('y'.repeat(600));
    expect(quoted('y'.repeat(600))).not.toContain('more characters');
    expect(quoted(`${'y'.repeat(600)}zz`)).toContain(`${'y'.repeat(600)}… (2 more characters)`);
    expect(quoted(`${'y'.repeat(600)}zz`)).not.toContain('z (');
  });

  it('has a target for each of its links, each id once', () => {
    const ids = all.flatMap(({ properties }) => properties.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = all.flatMap(({ properties }) =>
      properties.href === undefined ? [] : [String(properties.href)],
    );
    expect(targets.length).toBeGreaterThan(12);
    for (const target of targets) expect(ids).toContain(target.slice(1));
  });

  it('allows its own style and script by their digests, and nothing else', () => {
    const meta = all.find(({ properties }) => properties.httpEquiv !== undefined);
    const policy = String(meta?.properties.content);
    const hash = (tag: string): string => {
      const found = all.filter(({ tagName }) => tagName === tag);
      expect(found).toHaveLength(1);
      return createHash('sha256')
        .update(textOf(found[0] as Element))
        .digest('base64');
    };
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash('style')}'; script-src 'sha256-${hash('script')}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('asks for nothing from anywhere, and has no style or handler in an attribute', () => {
    for (const { tagName, properties } of all) {
      expect(['link', 'img', 'iframe', 'object', 'embed', 'form', 'base']).not.toContain(tagName);
      for (const [name, value] of Object.entries(properties)) {
        expect(name).not.toMatch(/^(style|src|srcset|on[A-Z].*|on[a-z]+)$/);
        if (name === 'href') expect(String(value)).toMatch(/^#/);
      }
    }
    expect(text).not.toMatch(/url\((?!#)|@import/);
  });

  it('is the same twice, whatever the order in which objects were built', () => {
    const again = JSON.parse(JSON.stringify(report)) as Report;
    expect(renderHtml(again)).toBe(text);
  });
});

describe('what it says', () => {
  it('on the cover: every input with its digest and how it was captured, the day, the files', () => {
    const cover = section(all, 'cover');
    for (const { path, sha256 } of report.inputs) {
      expect(cover).toContain(path);
      expect(cover).toContain(sha256);
    }
    for (const { sha256 } of report.baselines) expect(cover).toContain(sha256);
    expect(cover).toContain(report.deployment?.sha256);
    expect(cover).toContain(`waivers.yaml ${'ab'.repeat(32)}`);
    expect(cover).toContain(`last.json ${'cd'.repeat(32)}`);
    expect(cover).toContain('As of2026-11-21');
    expect(cover).toContain('at 2026-11-20T10:00:00Z by iptables-save from ss1');
  });

  it('in the summary: counts, the worst, what changed', () => {
    const summary = section(all, 'summary');
    expect(summary).toContain('3 findings on 1 host, 1 of them waived');
    expect(summary).toContain('Info0000 ∅ waived1001 Worst');
    expect(summary).toContain('infowaivedDocumented connections ss1security-server011001');
    expect(summary).toContain('1 new: F1');
    expect(summary).toContain('1 gone');
    expect(summary).toContain('2 unchanged');
    expect(summary).toContain('undocumented-opening on ss1: It was open.');
  });

  it('in the limits: unbound roles and every line that was not taken as written', () => {
    const limits = section(all, 'limits');
    expect(limits).toContain('dhcp-server');
    expect(limits).toContain('-m limit --limit 5/min');
    expect(limits).toContain('line 15');
  });

  it('in the coverage: each row as written, how it is read, its state and its lines', () => {
    const coverage = section(all, 'coverage');
    for (const { document } of report.hosts[0]?.connections ?? [])
      expect(coverage).toContain(document.text.replace(/\s+/g, ' '));
    expect(coverage).toContain(
      'from security-server (10.1.2.10) to central-server (10.1.9.5); tcp 80, 443, 4001 ✓ satisfied',
    );
    expect(coverage).toContain('ss1/rules.v4:28');
    expect(coverage).toMatch(/80 \/ 443 \| tcp.*one of tcp 80 \| tcp 443.*✕ missing no config line F\d/);
  });

  it('in a finding: evidence with the lines around it, the path, the witness, what to do', () => {
    const conflicts = section(all, 'conflicts');
    expect(conflicts).toContain('rules.v4:11:1 closes');
    expect(conflicts).toContain('10 -A INPUT -m conntrack --ctstate INVALID -j DROP');
    expect(conflicts).toContain('"dport":4000');
    expect(conflicts).toContain('Narrow the earlier rule, or accept exactly');
    expect(section(all, 'excessive')).toContain(
      'rules.v4:14 -A INPUT -i eth0 -m conntrack --ctstate NEW -j xroad-in',
    );
  });

  it('in the waivers: each with its days, and what it covers', () => {
    const waivers = section(all, 'waivers');
    expect(waivers).toContain('expired 20 days ago');
    expect(waivers).toContain('◷ expiring 10 days');
    expect(waivers).toContain('∅ unused');
    expect(waivers).toContain('approved by B. Approver');
    expect(waivers).toContain('instead: watched by hand');
    expect(waivers).toContain('IPv4 tcp from any to any port 443');
  });

  it('in the inventory: every rule, and which is shadowed', () => {
    const inventory = section(all, 'inventory');
    expect(inventory).toContain('27 rules: 26 in use, 1 shadowed.');
    for (const { text: rule } of report.hosts[0]?.inventory ?? [])
      expect(inventory).toContain(rule.replace(/\s+/g, ' '));
  });

  it('of each rule on its own where an export has all of them on one line', async () => {
    const rules = [{ iifname: 'lo' }, { port: 22, comment: 'ssh' }, { port: 3389, comment: 'desktops' }].map(
      ({ iifname, port, comment }, i) => ({
        rule: {
          family: 'inet',
          table: 'f',
          chain: 'i',
          handle: i + 2,
          ...(comment === undefined ? {} : { comment }),
          expr: [
            {
              match: {
                op: '==',
                left:
                  port === undefined
                    ? { meta: { key: 'iifname' } }
                    : { payload: { protocol: 'tcp', field: 'dport' } },
                right: port ?? iifname,
              },
            },
            { accept: null },
          ],
        },
      }),
    );
    const chain = { family: 'inet', table: 'f', name: 'i', handle: 1, type: 'filter', hook: 'input' };
    const nftables = [
      { table: { family: 'inet', name: 'f', handle: 1 } },
      { chain: { ...chain, prio: 0, policy: 'drop' } },
      ...rules,
    ];
    const answer = await check({
      configs: [{ path: 'all.json', bytes: Buffer.from(JSON.stringify({ nftables })) }],
      baselines: ['host-essentials'],
      as: 'host',
      detail: true,
    });
    if (!answer.ok) throw new Error('no report');
    const [host] = answer.value.hosts as [HostReport];
    const opened = host.inventory?.map(({ opens = [] }) =>
      opens.map(({ box }) => box.destinationPorts?.join()),
    );
    expect(opened).toEqual([
      [undefined, undefined],
      ['22', '22'],
      ['3389', '3389'],
    ]);
    const ssh = `all.json:1:${host.inventory?.[1]?.column}`;
    const page = elements(parser.parse(renderHtml(answer.value)) as Root);
    expect(section(page, 'inventory')).toContain(`${ssh}f i`);
    expect(section(page, 'coverage')).toContain(`✓ satisfied ${ssh}`);
    expect(section(page, 'coverage')).toContain(`✓ satisfied all.json:1:${host.inventory?.[0]?.column}`);
  });

  it('whose findings are known already, and by which file', () => {
    const known = { path: 'known.json', sha256: 'ab'.repeat(32), matched: 2, stale: [] };
    const page = renderHtml({ ...plain, known, summary: { ...plain.summary, known: 2 } });
    const parts = elements(parser.parse(page) as Root);
    expect(section(parts, 'cover')).toContain(`Known findingsknown.json ${known.sha256}`);
    expect(section(parts, 'summary')).toContain('2 of them known');
    const markdown = [...markdownChunks({ ...plain, known, summary: { ...plain.summary, known: 2 } })].join(
      '',
    );
    expect(markdown).toContain('2 of them known.');
    expect(markdown).toContain(`| known findings | \`known.json\` | \`${known.sha256}\` |`);
  });

  it('never that somebody complies', () => {
    expect(all.map((one) => (one.tagName === 'main' ? textOf(one) : '')).join('')).not.toMatch(
      /\b(is|are) compliant\b/i,
    );
  });
});

describe('the diagram and the matrix', () => {
  it('draw what is documented, missing and too much in ways that need no colour', () => {
    const edges = all.filter(
      ({ tagName, properties }) => tagName === 'path' && String(properties.className).includes('edge'),
    );
    const kinds = edges.map(({ properties }) => String((properties.className as string[])[1]));
    expect(new Set(kinds)).toEqual(new Set(['open', 'missing', 'excessive']));
    const matrix = section(all, 'matrix');
    expect(matrix).toContain(
      'security-server to timestamping-service: documented, and missing or partly open (dashed line)',
    );
    expect(matrix).toContain('▲ tcp 5432');
    expect(matrix).toMatch(/✕1 documented, and missing or partly open/);
  });
});

describe('a report without detail', () => {
  it('says what it does not have, and shows the rest', () => {
    const page = elements(parser.parse(renderHtml(plain)) as Root);
    expect(section(page, 'matrix')).toContain('without the detail');
    expect(section(page, 'inventory')).toContain('made without it');
    expect(section(page, 'waivers')).toContain('No waiver file was given');
    expect(section(page, 'summary')).toContain('No earlier report was given');
    expect(section(page, 'conflicts')).toContain('line 12 drops these packets');
  });
});

describe('a report that is too much for a page', () => {
  it('stays under five million characters, and counts what it leaves out', () => {
    const [host] = plain.hosts.filter(({ findings }) => findings.length > 0) as [Report['hosts'][number]];
    const [finding] = host.findings as [Report['hosts'][number]['findings'][number]];
    const coverage = Array.from({ length: 50_000 }, (_, i) => ({
      file: `f${i % 3000}`,
      line: i + 1,
      status: 'approximated' as const,
      text: 'x'.repeat(200),
      reason: `reason ${i % 9000}`,
    }));
    const hosts = Array.from({ length: 200 }, (_, h) => ({
      ...host,
      name: `host${h}`,
      inventory: Array.from({ length: 200 }, (_, i) => ({
        file: 'f',
        line: i + 1,
        column: 1,
        text: 'y'.repeat(250),
        table: 'filter',
        chain: 'INPUT',
        status: 'used' as const,
        openings: 0,
      })),
      findings: Array.from({ length: 100 }, (_, i) => ({ ...finding, rule: `rule-${i}` })),
    }));
    const page = renderHtml({ ...plain, hosts, coverage });
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    const left = [...page.matchAll(/Without evidence here: ([0-9,]+) finding/g)].map(([, n]) =>
      Number(n?.replaceAll(',', '')),
    );
    const cards = page.match(/<article class="finding/g)?.length ?? 0;
    expect(left.reduce((a, b) => a + b, cards)).toBe(20_000);
    expect(page).toMatch(/And [0-9,]+ more lines for [0-9,]+ other reasons/);
    expect(page).toMatch(/<h3>[0-9]+ more hosts<\/h3>/);
  });
});
