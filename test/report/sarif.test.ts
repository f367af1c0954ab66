import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { controlsOfRule } from '../../src/finding/controls.ts';
import type { Report } from '../../src/finding/report.ts';
import { RULES } from '../../src/finding/rules.ts';
import { message } from '../../src/report/sarif/result.ts';
import { descriptorsOf, MAXIMUM_TAGS } from '../../src/report/sarif/rules.ts';
import { renderSarif, type SarifOptions } from '../../src/report/sarif/sarif.ts';
import { artifactLocation, plainPath } from '../../src/report/sarif/uri.ts';
import { report } from './sample.ts';
import { everything, fingerprint, many } from './samples.ts';
import { problems } from './validators.ts';

// biome-ignore lint/suspicious/noExplicitAny: a SARIF log is read as what it is, JSON.
const run = (of: Report, options?: SarifOptions): any => JSON.parse(renderSarif(of, options)).runs[0];
const notices = (of: Report, options?: SarifOptions): { id: string; text: string }[] =>
  run(of, options).invocations[0].toolExecutionNotifications.map(
    (n: { descriptor: { id: string }; message: { text: string } }) => ({
      id: n.descriptor.id,
      text: n.message.text,
    }),
  );

describe('what a SARIF log is silent about', () => {
  it('is told: families, directions and roles, with their hosts', () => {
    const directions = [
      { direction: 'in', closed: ['own'] },
      { direction: 'out', closed: [] },
    ] as const;
    const hosts = [1, 2, 3, 4, 5].map((i) => ({
      ...(report.hosts[0] as Report['hosts'][number]),
      name: `h${i}`,
      directions,
      unbound: i === 2 ? ['admin'] : [],
    }));
    expect(notices({ ...report, hosts })).toEqual(
      expect.arrayContaining([
        {
          id: 'not-assessed',
          text: 'IPv6 was not assessed, so it is neither open nor closed (h1, h2, h3 and 2 more hosts).',
        },
        {
          id: 'not-judged',
          text: 'Excess was not looked for in these directions: out (h1, h2, h3 and 2 more hosts).',
        },
        {
          id: 'not-judged',
          text: 'Nothing binds the role admin, and openings towards it could not be judged (h2).',
        },
      ]),
    );
  });
});

describe('a SARIF result', () => {
  const results = run(everything).results;
  const of = (rule: string) => results.find(({ ruleId }: { ruleId: string }) => ruleId === rule);

  it('has the finding’s own fingerprint as GitHub reads it', () => {
    expect(of('closed').partialFingerprints).toEqual({ primaryLocationLineHash: `${fingerprint(1)}:1` });
    const twice = run({ ...report, hosts: [...report.hosts, ...report.hosts] }).results;
    const hashes = twice.map((r: typeof results) => r.partialFingerprints.primaryLocationLineHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes).toContain(`${'ab'.repeat(32)}:2`);
  });

  it('of something missing stands at the policy that closes it', () => {
    const [location] = of('closed').locations;
    expect(location.physicalLocation).toEqual({
      artifactLocation: { uri: 'ss1/rules.v4', uriBaseId: '%SRCROOT%' },
      region: { startLine: 4, startColumn: 1, snippet: { text: ':OUTPUT DROP [0:0]' } },
    });
  });

  it('has the document’s row and the other lines beside it', () => {
    const texts = of('closed').relatedLocations.map((l: { message: { text: string } }) => l.message.text);
    expect(texts).toEqual(['Network diagram, row 13: “In | Admin | Security Server | 4000 | tcp”', 'closes']);
  });

  it('without evidence stands at the first config', () => {
    expect(of('half-open').locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'ss1/rules.v4', uriBaseId: '%SRCROOT%' },
      region: { startLine: 1 },
    });
  });

  it('counts columns in UTF-16 code units and quotes from there', () => {
    const text = '😀 -A INPUT';
    const evidence = [{ file: 'a', line: 1, column: 4, text }];
    const [one] = run(many(1, () => ({ evidence }))).results;
    expect(one.locations[0].physicalLocation.region).toEqual({
      startLine: 1,
      startColumn: 4,
      snippet: { text: '-A INPUT' },
    });
    expect(run(everything).columnKind).toBe('utf16CodeUnits');
  });

  it('says in words what stands in an export of a cloud, and quotes none of its lines', () => {
    const text = 'sg-1 ingress tcp 22 from 0.0.0.0/0';
    const evidence = [
      { file: 'sg.json', line: 12, column: 9, text },
      { file: 'sg.json', line: 30, column: 9, text: 'sg-1 (web)', note: 'policy closes' },
    ];
    const inputs = [{ path: 'sg.json', format: 'aws', sha256: '' }];
    const [one] = run({ ...many(1, () => ({ evidence })), inputs } as never).results;
    const [first] = one.locations;
    expect(first.physicalLocation.region).toEqual({ startLine: 12, startColumn: 9 });
    expect(first.message).toEqual({ text });
    expect(one.relatedLocations.at(-1).message).toEqual({ text: 'policy closes: sg-1 (web)' });
  });

  it('is new or unchanged where an earlier report is known', () => {
    expect(of('closed').baselineState).toBe('new');
    expect(of('half-open').baselineState).toBe('unchanged');
    expect(run(report).results[0].baselineState).toBeUndefined();
  });
});

describe('waived findings', () => {
  it('are left out and counted', () => {
    const rules = run(everything).results.map(({ ruleId }: { ruleId: string }) => ruleId);
    expect(rules).not.toContain('prohibited-open');
    expect(notices(everything)).toContainEqual({
      id: 'waived-left-out',
      text: '2 waived findings left out; `--format sarif-full` keeps them with their suppressions.',
    });
  });

  it('are kept with their suppressions when asked for', () => {
    const kept = run(everything, { full: true }).results.filter(
      (r: { suppressions?: unknown }) => r.suppressions,
    );
    expect(kept).toHaveLength(2);
    expect(kept[0].suppressions).toEqual([
      {
        kind: 'external',
        status: 'accepted',
        justification:
          'waiver w-1: until the move is done; approved by Bertil; owner Alma; ticket NET-12; expires 2026-12-31',
      },
    ]);
    expect(notices(everything, { full: true }).map(({ id }) => id)).not.toContain('waived-left-out');
  });
});

describe('a rule', () => {
  it.each(RULES)(
    '$id has help, a security severity, and no more tags than GitHub takes',
    ({ id, code, mend }) => {
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      const [descriptor] = descriptorsOf(new Map([[id, code]])) as any;
      expect(descriptor.help.text).toContain(mend);
      expect(descriptor.help.markdown).toContain(mend);
      expect(descriptor.properties['security-severity']).toMatch(/^\d\.\d$/);
      expect(descriptor.properties.tags[0]).toBe('security');
      expect(descriptor.properties.tags.length).toBeLessThanOrEqual(MAXIMUM_TAGS);
      expect(descriptor.properties.controls).toHaveLength(controlsOfRule(id).length);
    },
  );

  it('that nobody wrote down still has a place', () => {
    const { rules } = run(everything).tool.driver;
    expect(rules.at(-1)).toMatchObject({
      id: 'not-yet-known',
      properties: { tags: ['security', 'conflicting'] },
    });
    for (const { ruleId, ruleIndex } of run(everything).results) expect(rules[ruleIndex].id).toBe(ruleId);
  });
});

describe('GitHub’s limits', () => {
  it('on results are kept, the worst first, and what is left out is counted', () => {
    const big = many(26_000, (n) => ({
      severity: n === 25_999 ? 'critical' : 'low',
      packets: [],
      evidence: [],
    }));
    const { results } = run(big);
    expect(results.length).toBeLessThanOrEqual(25_000);
    expect(results[0].properties.severity).toBe('critical');
    const [first] = notices(big);
    expect(first?.id).toBe('results-left-out');
    expect(first?.text).toContain(`${26_000 - results.length} findings left out`);
  });

  it('on size are kept, whatever the comments hold', () => {
    let state = 1;
    const noise = (): string =>
      Array.from({ length: 1900 }, () => {
        state = (state * 48271) % 2147483647;
        return String.fromCharCode(33 + (state % 94));
      }).join('');
    const big = many(3000, () => ({
      evidence: [{ file: 'a', line: 1, column: 1, text: noise() }],
      message: noise(),
    }));
    const text = renderSarif(big);
    expect(gzipSync(text).length).toBeLessThan(10_000_000);
    const { results } = JSON.parse(text).runs[0];
    expect(notices(big)[0]?.text).toContain(`${3000 - results.length} findings left out`);
    expect(problems('sarif', JSON.parse(text))).toEqual([]);
  });

  it('on locations are kept', () => {
    const evidence = Array.from({ length: 2000 }, (_, i) => ({
      file: 'a',
      line: i + 1,
      column: 1,
      text: 'x',
    }));
    const [one] = run(many(1, () => ({ evidence }))).results;
    expect(one.relatedLocations.length).toBeLessThanOrEqual(100);
    expect(one.properties.locationsLeftOut).toBe(1999 - 50);
  });
});

describe('paths', () => {
  it.each([
    ['ss1/rules.v4', 'ss1/rules.v4'],
    ['./a//b/../c d', 'a/c%20d'],
    ['../x', '../x'],
    ['a/../../x', '../x'],
    ['100%#?.rules', '100%25%23%3F.rules'],
    ['c:x', 'c%3Ax'],
    ['ä/漢', '%C3%A4/%E6%BC%A2'],
    ['\ud800', '%EF%BF%BD'],
    ['-', '-'],
    ['', '.'],
  ])('%s is %s below the root', (path, uri) => {
    expect(artifactLocation(path)).toEqual({ uri, uriBaseId: '%SRCROOT%' });
  });

  it('that are absolute are file URIs', () => {
    expect(artifactLocation('/etc/../etc/a b')).toEqual({ uri: 'file:///etc/a%20b' });
  });

  it('are plain elsewhere', () => {
    expect(plainPath('./a//b')).toBe('a/b');
    expect(plainPath('/a/./b')).toBe('/a/b');
    expect(plainPath('.')).toBe('.');
  });
});

describe('a message', () => {
  it('has nothing that stands for an argument or makes a link', () => {
    expect(message('{0} [a](http://b) \\[c] d\\e')).toBe('{{0}} \\[a\\](http://b) \\\\\\[c\\] d\\e');
    expect(message('\u202e')).toBe('\\u{{202e}}');
  });
});
