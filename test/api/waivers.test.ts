import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  renderText,
  type Box,
  check,
  type CheckRequest,
  exceedsThreshold,
  type Finding,
  type Report,
} from '../../src/api.ts';
import { readCase, traceCase, whole } from '../compare/cases.ts';
import { areDisjoint, holds } from '../compare/box-sets.ts';

const folder = 'fixtures/waivers/site';
const site = readCase(folder);
const bytes = (text: string) => ({ path: 'waivers.yaml', bytes: Buffer.from(text) });
const WAIVERS = readFileSync(`${folder}/waivers.yaml`, 'utf8');
const OVERRIDE = WAIVERS.replace(
  '    reason: The old console has',
  '    override: true\n    reason: The old console has',
);

const run = (more: Partial<CheckRequest>) =>
  check({ deployment: site.deployment, files: site.files, ...more });
const waive = async (text: string, asOf: string) => {
  const result = await run({ waivers: bytes(text), asOf });
  return { report: whole(result), warnings: result.ok ? result.warnings.map(({ code }) => code) : [] };
};
const findingsOf = (report: Report): readonly Finding[] => report.hosts.flatMap(({ findings }) => findings);
const told = (report: Report) =>
  findingsOf(report).map(
    ({ rule, certainty, packets, waived }) =>
      `${rule} ${certainty} ${packets.map((box) => (box.sources ?? ['any']).join()).join(';')} ${waived ?? '-'}`,
  );
const strict = { failOn: 'low', allowUndetermined: false } as const;

describe('a waiver', () => {
  it('covers its packets, and the rest stays a finding of its own', async () => {
    const { report } = await waive(WAIVERS, '2026-11-15');
    expect(told(report)).toEqual([
      'prohibited-open definite 10.1.1.7 -',
      'closed definite 10.1.1.8 W-2',
      'undocumented-opening definite 10.1.1.0-10.1.255.255 -',
      'undocumented-opening definite 10.1.0.0-10.1.0.255 W-1',
      'undocumented-opening possible 10.1.0.0-10.1.0.255 -',
    ]);
    const prints = findingsOf(report).map(({ fingerprint }) => fingerprint);
    expect(new Set(prints).size).toBe(prints.length);
    expect(report.summary.waived).toBe(2);
    expect(exceedsThreshold(report, strict)).toBe(true);
    const against = report.controls?.frameworks.flatMap((f) => f.requirements).flatMap((r) => r.against);
    expect(against?.find(({ rule }) => rule === 'closed')).toMatchObject({ findings: 0, waived: 1 });
  });

  it('gives each part a witness that the interpreter confirms', async () => {
    const { report } = await waive(WAIVERS, '2026-11-15');
    const trace = await traceCase(site);
    for (const finding of findingsOf(report)) {
      expect(
        finding.packets.some((box) => holds(box, finding.witness)),
        finding.message,
      ).toBe(true);
      const { verdict, certainty } = JSON.parse(trace(JSON.stringify(finding.witness))?.json ?? '');
      expect(certainty).toBe(finding.certainty);
      if (certainty === 'definite') expect(verdict).toBe(finding.rule === 'closed' ? 'drop' : 'accept');
    }
  });

  it('makes a connection waived where all of its findings are', async () => {
    const { report } = await waive(WAIVERS, '2026-11-15');
    const statuses = report.hosts[0]?.connections.map(({ id, status }) => `${id} ${status}`);
    expect(statuses).toEqual(['ssh satisfied', 'backup waived', 'no-telnet prohibited-open']);
  });

  it('covers a prohibited opening only with `override: true`', async () => {
    const without = await waive(WAIVERS, '2026-11-15');
    expect(without.warnings).toEqual(['waiver-needs-override', 'waiver-unused']);
    const problems = (without.report.waivers ?? []).flatMap(({ problem }) => problem ?? []);
    expect(problems).toEqual([expect.stringContaining('without `override: true`')]);
    expect(renderText(without.report, { colour: false, width: 80 })).toContain('covers nothing of that');
    const { report } = await waive(OVERRIDE, '2026-11-15');
    expect(told(report)[0]).toBe('prohibited-open definite 10.1.1.7 W-3');
    expect(report.hosts[0]?.connections.map(({ status }) => status)).toContain('waived');
  });

  it.each([
    ['2026-10-31', 'unused', 'waiver-early'],
    ['2026-11-01', 'active', undefined],
    ['2026-11-30', 'active', undefined],
    ['2026-12-01', 'expiring', 'waiver-expiring'],
    ['2026-12-31', 'expiring', 'waiver-expiring'],
    ['2027-01-01', 'expired', 'waiver-expired'],
  ])('on %s is %s', async (day, status, warning) => {
    const { report, warnings } = await waive(WAIVERS.slice(0, WAIVERS.indexOf('  - id: W-2')), day);
    expect(report.waivers?.[0]?.status).toBe(status);
    expect(report.waivers?.[0]?.problem !== undefined).toBe(warning === 'waiver-early');
    expect(report.asOf).toBe(day);
    expect(warnings).toEqual(warning === undefined ? [] : [warning]);
  });

  it('that has expired is a finding, and covers nothing any more', async () => {
    const { report } = await waive(WAIVERS, '2027-01-01');
    const plain = whole(await run({}));
    const expired = findingsOf(report).filter(({ rule }) => rule === 'waiver-expired');
    expect(expired.map(({ packets, severity, code }) => [packets[0]?.sources, severity, code])).toEqual([
      [['10.1.0.0-10.1.0.255'], 'medium', 'conflicting'],
    ]);
    expect(expired[0]?.evidence[0]).toMatchObject({ file: 'waivers.yaml', line: 3, text: '  - id: W-1' });
    expect(report.waivers?.[0]).toMatchObject({
      status: 'expired',
      daysLeft: -1,
      findings: [expired[0]?.fingerprint],
    });
    const rest = findingsOf(report).filter(({ rule }) => rule !== 'waiver-expired');
    expect(rest.map(({ fingerprint }) => fingerprint)).toEqual(
      findingsOf(plain).map(({ fingerprint }) => fingerprint),
    );
  });

  it('may name one finding by its fingerprint', async () => {
    const [closed] = findingsOf(whole(await run({}))).filter(({ rule }) => rule === 'closed');
    const text = WAIVERS.slice(0, WAIVERS.indexOf('  - id: W-2'))
      .replace(/ {4}(rule|host|hook): .*\n/g, '')
      .replace(/packets: .*/, `fingerprint: ${closed?.fingerprint}`);
    const { report } = await waive(text, '2026-11-15');
    expect(told(report).filter((line) => line.endsWith('W-1'))).toEqual(['closed definite 10.1.1.8 W-1']);
  });

  it('needs to know which day it is', async () => {
    const answer = await run({ waivers: bytes(WAIVERS) });
    expect(answer.ok ? [] : answer.errors.map(({ message }) => message)).toEqual([
      'waivers expire, and postern has no clock: it is not said which day it is',
    ]);
    const wrong = await run({ asOf: '2026-02-30' });
    expect(wrong.ok).toBe(false);
  });
});

describe('dividing a finding', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const range = (make: (n: number) => string) =>
    fc.tuple(octet, octet).map(([a, b]) => `${make(Math.min(a, b))}-${make(Math.max(a, b))}`);
  const packets = fc.record({
    sources: range((n) => `10.1.${n}.0`),
    destinations: range((n) => `10.1.2.${n}`),
    sourcePorts: range((n) => `${n * 257}`),
  });

  it('loses no packet and adds none', async () => {
    const before = findingsOf(whole(await run({}))).filter(({ rule }) => rule === 'undocumented-opening');
    await fc.assert(
      fc.asyncProperty(packets, fc.infiniteStream(octet), async (box, numbers) => {
        const text = WAIVERS.slice(0, WAIVERS.indexOf('  - id: W-2')).replace(
          /packets: .*/,
          `packets: [${JSON.stringify({ family: 'ipv4', protocols: 'tcp', destinationPorts: 5432, ...box })}]`,
        );
        const { report } = await waive(text, '2026-11-15');
        const parts = findingsOf(report).filter(({ rule }) => rule === 'undocumented-opening');
        const all = parts.flatMap((finding) => finding.packets.map((one) => ({ one, finding })));
        all.forEach(({ one }, i) => {
          for (const { one: other } of all.slice(i + 1)) expect(areDisjoint(one, other)).toBe(true);
        });
        const next = (): number => numbers.next().value as number;
        for (let i = 0; i < 40; i++) {
          const packet = {
            hook: 'input',
            in: 'eth0',
            src: `10.1.${next()}.${next()}`,
            dst: `10.1.2.${next()}`,
            protocol: 'tcp',
            sport: next() * 257,
            dport: 5432,
          } as const;
          const has = (boxes: readonly Box[]): boolean => boxes.some((one) => holds(one, packet));
          const covered = has(report.waivers?.[0]?.covers ?? []);
          const was = before.some((finding) => has(finding.packets));
          expect(parts.some((one) => one.waived !== undefined && has(one.packets))).toBe(was && covered);
          expect(parts.some((one) => one.waived === undefined && has(one.packets))).toBe(was && !covered);
        }
      }),
      { numRuns: 15, seed: 11 },
    );
  });
});

describe('comments in configs', () => {
  it('count only where the user lets them', async () => {
    expect(whole(await run({})).inline).toBeUndefined();
    expect(findingsOf(whole(await run({}))).some(({ waived }) => waived !== undefined)).toBe(false);
  });

  it('waive what their rule decides and say what becomes of each', async () => {
    const result = await run({ inline: true });
    const report = whole(result);
    expect(told(report).filter((line) => !line.endsWith('-'))).toEqual([
      'undocumented-opening definite 10.1.0.0-10.1.255.255 inline rules.v4:8',
    ]);
    expect(report.inline?.map(({ line, kind, status }) => [line, kind, status])).toEqual([
      [7, 'expect', 'met'],
      [8, 'waive', 'used'],
      [9, 'expect', 'unmet'],
    ]);
    expect(result.ok && result.warnings.map(({ code }) => code)).toEqual(['inline-unmet']);
  });

  it.each([
    ['prohibited-open because', 'refused', 'a prohibited opening is waived only by a file of waivers'],
    [
      'undocumented-openin because',
      'refused',
      'there is no kind of finding of this name; `undocumented-opening` is one',
    ],
    ['undocumented-opening', 'refused', 'it gives no reason'],
    ['closed because', 'unused', undefined],
  ])('with `postern:waive %s` are %s', async (request, status, problem) => {
    const files = site.files.map((file) => ({
      ...file,
      bytes: Buffer.from(
        Buffer.from(file.bytes)
          .toString('utf8')
          .replace('undocumented-opening reporting until March', request),
      ),
    }));
    const report = whole(await check({ deployment: site.deployment, files, inline: true }));
    const use = report.inline?.find(({ line }) => line === 8);
    expect(use?.status).toBe(status);
    if (problem !== undefined) expect(use?.problem).toContain(problem);
    expect(findingsOf(report).every(({ waived }) => waived === undefined)).toBe(true);
  });
});
