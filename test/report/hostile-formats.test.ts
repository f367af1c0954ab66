import { parse as parseCsv } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Node, Parent } from 'mdast';
import rehypeParse from 'rehype-parse';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { describe, expect, it } from 'vitest';
import { REPORT_FORMATS, type ReportFormat, renderReport } from '../../src/api/reports.ts';
import type { HostReport, Report } from '../../src/finding/report.ts';
import { everything } from './samples.ts';
import { hasXmllint, junitProblems, problems } from './validators.ts';

/** Every format at once is held against what would act in some reader: one test over all of them. */
const HOSTILE: readonly string[] = [
  '<img src=x onerror=alert(1)><script>alert(1)</script></pre></code></textarea>',
  '--><!-- <!DOCTYPE x [<!ENTITY a "b">]> ]]> &a; &#0; <![CDATA[x',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-A INPUT -j ACCEPT',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  '＝1',
  '\u001b[31mred\u001b[2J\u001b]0;title\u0007\u009b1m',
  'x\n::error file=x,line=1::pwned\n::set-output name=a::b',
  '::error::x',
  '##[error]x',
  'a%0A::error::x%0D%25,line=9,file=y:z',
  '\u0000 \u0001 \u0008 \u000b \u000c \u007f \u0085',
  'right \u202e to left \u2066 isolate \u200b zero \ufeff bom',
  '\ufffe \uffff',
  'half \ud800 of \udc00 a pair',
  '\u2028\u2029',
  '[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example> [a]: https://evil.example',
  'https://evil.example www.evil.example user@evil.example @everyone #1 [^1]',
  '` `` ``` a`b',
  '``',
  'a|b\\|c\\\\|d | --- |',
  '\\',
  '# head\n- list\n> quote\n***',
  '{0} {{1}} [x](0) \\[y](1)',
  '"quoted", \'quoted\'',
  ' ',
  '',
  `long ${'x'.repeat(2500)}`,
];

/** What postern writes itself: enumerations, digests. */
const FIXED = new Set(
  'schemaVersion code certainty severity family hook status level direction ipv4 ipv6 rule sha256 fingerprint waived expires created asOf'.split(
    ' ',
  ),
);
/** Lists of what postern computes, such as addresses of boxes; names of groups and interfaces are others' text. */
const COMPUTED = new Set('protocols sources destinations sourcePorts destinationPorts icmp new'.split(' '));

/** A report with every kind of text in it once or twice: parsing Markdown again and again takes its time. */
const [, busy] = everything.hosts as readonly [HostReport, HostReport];
const small: Report = {
  ...everything,
  inputs: everything.inputs.slice(0, 1),
  coverage: everything.coverage.slice(-1),
  hosts: [
    {
      ...busy,
      connections: busy.connections.slice(1, 6),
      findings: busy.findings
        .filter(({ rule }) => !['partly-closed', 'half-open'].includes(rule))
        .map((finding) => ({ ...finding, packets: finding.packets.slice(0, 1) })),
    },
  ],
};

/** The report with a text in the place of every text that a user's file can bring; a list of them in turn. */
function planted(...texts: readonly string[]): Report {
  let next = 0;
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return COMPUTED.has(key) ? value : value.map((inner) => walk(inner, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([k, inner]) => [k, walk(inner, k)]));
    return typeof value === 'string' && !FIXED.has(key) ? (texts[next++ % texts.length] as string) : value;
  };
  const { waivers, ...report } = walk(small, '') as Report;
  const ids = (waivers ?? []).map((waiver, i) => ({
    ...waiver,
    findings: everything.waivers?.[i]?.findings ?? [],
  }));
  return { ...report, waivers: ids, tool: everything.tool };
}

/** Characters that a terminal acts on, that hide or that reorder. */
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const withoutBreaks = (text: string): string => text.replaceAll(/\r?\n/g, '');

/** Every string in a value, keys too. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)]);
}

function noActive(value: unknown): void {
  for (const text of strings(value)) expect(text.replaceAll('\n', '')).not.toMatch(ACTIVE);
}

const ndjson = (text: string): unknown[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

const COMMAND = /^::(error|warning|notice) ((?:[a-z]+=[^:,]*)(?:,[a-z]+=[^:,]*)*)::(.*)$/;

function commands(text: string): { command: string; keys: string }[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const found = COMMAND.exec(line);
      expect(found, line).not.toBeNull();
      const keys = (found?.[2] ?? '').split(',').map((part) => part.split('=')[0]);
      expect(found?.[3]).not.toMatch(/%(?!25)/);
      return { command: found?.[1] ?? '', keys: keys.join() };
    });
}

const markdown = unified().use(remarkParse).use(remarkGfm);

/** The kinds of a document's nodes in order; what other people's text could add or take away would show. */
function shape(node: Node, inside = ''): string[] {
  if (node.type === 'html') expect((node as Node & { value: string }).value).toMatch(/^<\/?code>$/);
  if (node.type === 'text' || node.type === 'inlineCode' || node.type === 'html') return [];
  const children = (node as Partial<Parent>).children ?? [];
  return [`${inside}${node.type}`, ...children.flatMap((child) => shape(child, `${inside} `))];
}

/** The elements of a page in order. */
function elements(node: { type: string; tagName?: string; children?: unknown[] }): string[] {
  const own = node.type === 'element' ? [node.tagName ?? ''] : [];
  return [...own, ...(node.children ?? []).flatMap((child) => elements(child as typeof node))];
}

type Check = (text: string, benign: string, planted: Report) => unknown;

const page = unified().use(rehypeParse);

const xml: Check = (text, benign) => {
  const tags = (document: string): string[] => document.match(/<\/?[a-z]+|<\?xml|<!/g) ?? [];
  expect(tags(text)).toEqual(tags(benign));
  expect(text).not.toMatch(/[\ufffe\uffff]/);
  expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/);
};

const checks: Readonly<Record<string, Check>> = {
  sarif: (text) => {
    const log = JSON.parse(text);
    expect(problems('sarif', log)).toEqual([]);
    noActive(log);
    for (const result of log.runs[0].results)
      expect(result.message.text).not.toMatch(/(?<!\\)(?:\\\\)*[[\]]|(?<!\{)\{(?:\{\{)*(?!\{)/);
  },
  gitlab: (text) => {
    expect(problems('gitlab', JSON.parse(text))).toEqual([]);
    noActive(JSON.parse(text));
  },
  ocsf: (text) => {
    expect(ndjson(text).flatMap((event) => problems('ocsf', event))).toEqual([]);
    noActive(ndjson(text));
  },
  oscal: (text) => {
    expect(problems('oscal', JSON.parse(text))).toEqual([]);
    noActive(JSON.parse(text));
  },
  junit: xml,
  github: (text, benign) => expect(commands(text)).toEqual(commands(benign)),
  csv: (text, benign) => {
    const rows = parseCsv(text) as string[][];
    expect(rows.map((row) => row.length)).toEqual((parseCsv(benign) as string[][]).map((row) => row.length));
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
  },
  'github-summary': async (text, _, report) => expect(text).toBe(await renderReport(report, 'markdown')),
  markdown: (text, benign) => expect(shape(markdown.parse(text))).toEqual(shape(markdown.parse(benign))),
  html: (text, benign) => expect(elements(page.parse(text))).toEqual(elements(page.parse(benign))),
  json: (text) => JSON.parse(text),
  text: () => undefined,
};

async function judge(format: ReportFormat, report: Report, benign: string): Promise<void> {
  const written = await renderReport(report, format);
  expect(withoutBreaks(written)).not.toMatch(ACTIVE);
  const check = checks[format === 'sarif-full' ? 'sarif' : format];
  if (check === undefined) throw new Error(`no check of hostile text in the format ${format}`);
  await check(written, benign, report);
}

const SLOW: ReadonlySet<string> = new Set(['html', 'markdown']);

/** Pages take long to parse: they get all texts at once, each place another one in each of some turns. */
async function judgeTurns(format: ReportFormat): Promise<void> {
  const plain = HOSTILE.map((_, i) => `plain ${i}`);
  for (let turn = 0; turn < HOSTILE.length; turn += 4) {
    const turned = (texts: readonly string[]): Report =>
      planted(...texts.slice(turn), ...texts.slice(0, turn));
    await judge(format, turned(HOSTILE), await renderReport(turned(plain), format));
  }
}

describe.each(REPORT_FORMATS)('hostile text in %s', (format) => {
  it('is neutral, wherever it stands', async () => {
    if (SLOW.has(format)) return judgeTurns(format);
    const benign = await renderReport(planted('plain'), format);
    for (const text of HOSTILE) await judge(format, planted(text), benign);
  });

  it('is neutral in every mixture', async () => {
    const benign = await renderReport(planted('plain'), format);
    const mixture = fc.array(fc.constantFrom(...HOSTILE.slice(0, -1)), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(mixture, (parts) => judge(format, planted(parts.join('')), benign)),
      { numRuns: SLOW.has(format) ? 3 : 8 },
    );
  });
});

it.skipIf(!hasXmllint)('hostile text leaves JUnit valid', async () => {
  for (const text of HOSTILE) expect(junitProblems(await renderReport(planted(text), 'junit'))).toBe('');
});
