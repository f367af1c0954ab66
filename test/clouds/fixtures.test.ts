import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneIn } from '../support/one-in.ts';
import type { Opening, Report } from '../../src/api.ts';
import { areDisjoint } from '../compare/box-sets.ts';
import { boxText, summaryOf } from '../compare/summary.ts';
import { type CloudCase, checkCase, openingsOfCase, readCloudCase, traceCase } from './cases.ts';

/** Each leaf of fixtures/clouds is one behaviour; UPDATE_FIXTURES=1 writes expected.txt anew, to be read by eye. */
const root = 'fixtures/clouds';
const names = readdirSync(root)
  .sort()
  .flatMap((provider) =>
    readdirSync(join(root, provider))
      .sort()
      .map((name) => join(provider, name)),
  );

function openingText({ hook, certainty, box, rules }: Opening): string {
  const lines = rules.map(({ file, line }) => `${file}:${line}`).join(' ');
  return `${hook} ${certainty} ${box.family} ${boxText(box)} <- ${lines}`;
}

type Told = {
  readonly file: string;
  readonly line: number;
  readonly status: string;
  readonly reason: string;
};
const toldText = ({ file, line, status, reason }: Told): string => `${status} ${file}:${line} ${reason}`;

/** What a report says, and what is told in it that `openings` of the same exports does not tell. */
function checkText(report: Report, before: readonly string[]): string[] {
  const told = report.coverage.map(toldText).filter((line) => !before.includes(line));
  const hosts = report.hosts.flatMap((host) => [
    `host ${host.name}`,
    ...JSON.stringify(summaryOf(host), null, 2).split('\n'),
  ]);
  return [...told, ...hosts];
}

describe('exports of clouds', () => {
  it('are many', () => expect(names.length).toBeGreaterThan(10));

  it('have the known mistakes of other tools among them', () => {
    const [, table = ''] = readFileSync('docs/clouds.md', 'utf8').split('## Mistakes of other tools');
    const named = [...table.matchAll(/`((?:aws|azure|gcp|openstack)\/[a-z0-9-]+)`/g)].map(([, one]) => one);
    expect(table.match(/^\| .* \| `/gm)).toHaveLength(14);
    expect(named.filter((one) => !names.includes(one as string))).toEqual([]);
  });

  it.each(names)('%s', async (name) => {
    const given = readCloudCase(join(root, name));
    const opened = await openingsOfCase(given);
    if (given.error !== undefined) {
      expect(opened.ok).toBe(false);
      const text = opened.ok
        ? ''
        : opened.errors.map((one) => `${one.message} ${one.expected ?? ''}`).join('\n');
      for (const part of given.error) expect(text).toContain(part);
      return;
    }
    if (!opened.ok) throw new Error(opened.errors.map(({ message }) => message).join('; '));
    expect(areDisjointByPoint(opened.value.openings)).toBe(true);
    const lines = [...opened.value.openings.map(openingText), ...opened.value.coverage.map(toldText)];
    if (given.check !== undefined) {
      const report = await checkCase(given, given.check);
      if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
      lines.push(...checkText(report.value, lines));
    }
    const file = join(root, name, 'expected.txt');
    const text = `${lines.join('\n')}\n`;
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(file, text);
    expect(existsSync(file), `${file} is missing`).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it.each(names)('%s: packets', async (name) => {
    const given = readCloudCase(join(root, name));
    if (given.error !== undefined) return;
    const answers = await traceCase(given);
    const got = answers.map(({ verdict, certainty, error }) => error ?? `${verdict} ${certainty}`);
    const expected = given.trace.map(({ verdict, certainty }) => `${verdict} ${certainty ?? 'definite'}`);
    expect(got).toEqual(expected);
    expect(given.trace.length + Number(given.check !== undefined)).toBeGreaterThan(0);
  });
});

/** What the packet that shows a finding must come to. */
const SHOWN: Readonly<Record<string, string>> = {
  excessive: 'accept',
  missing: 'drop',
  'half-open': 'accept',
  'prohibited-open': 'accept',
  'families-disagree': 'drop',
  'layers-disagree': 'drop',
  masked: 'drop',
};

/** What a finding's packets come to when they are traced. */
async function replayed(given: CloudCase, report: Report): Promise<void> {
  const found = report.hosts.flatMap(({ findings }) => findings).filter(({ witness }) => witness);
  const trace = found.map(({ witness }) => ({
    packet: witness as object as Record<string, unknown>,
    verdict: '',
  }));
  const answers = await traceCase({ ...given, trace });
  for (const [i, { code, rule, certainty }] of found.entries()) {
    const { verdict, certainty: sure, error } = answers[i] as (typeof answers)[number];
    const shown = SHOWN[rule] ?? SHOWN[code];
    expect(error, `${rule} ${JSON.stringify(trace[i]?.packet)}`).toBeUndefined();
    if (certainty === 'definite') expect([rule, verdict, sure]).toEqual([rule, shown, 'definite']);
    // Of a half-open connection it may be the reply that nobody can be sure of; and it may be the baseline that is not.
    else if (rule !== 'half-open')
      expect([rule, sure === 'possible' || verdict === shown]).toEqual([rule, true]);
  }
}

describe('what `check` says of all points of an account', () => {
  it.each(oneIn(4, names))('%s: its witnesses can be replayed', async (name) => {
    const given = readCloudCase(join(root, name));
    if (given.error !== undefined || given.check?.deployment !== undefined) return;
    const report = await checkCase(given, { baseline: 'x-road-security-server', as: 'security-server' });
    if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
    await replayed(given, report.value);
  });

  it.each(['aws/instance-of-several-interfaces', 'openstack/server', 'gcp/secure-tags-of-instances'])(
    '%s: also those of an instance that a deployment names',
    async (name) => {
      const given = readCloudCase(join(root, name));
      const report = await checkCase(given, given.check ?? {});
      if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
      expect(report.value.summary.missing).toBeGreaterThan(0);
      await replayed(given, report.value);
    },
  );
});

/** The boxes of one point, hook, family and certainty are disjoint. */
function areDisjointByPoint(found: readonly Opening[]): boolean {
  const by = new Map<string, Opening[]>();
  for (const one of found) {
    const key = [one.hook, one.box.family, one.certainty, (one.box.groups ?? []).join()].join(' ');
    by.set(key, [...(by.get(key) ?? []), one]);
  }
  return [...by.values()].every((list) =>
    list.every(({ box }, i) => list.slice(i + 1).every((other) => areApart(box, other.box))),
  );
}

/** Boxes of different peers' groups have no packet in common; see docs/clouds.md for peers of several groups. */
function areApart(a: Opening['box'], b: Opening['box']): boolean {
  const [one, other] = [a.peerGroups, b.peerGroups];
  if (one !== undefined && other !== undefined && !one.some((group) => other.includes(group))) return true;
  const excluded = (x: Opening['box'], y: Opening['box']): boolean =>
    y.peerGroups?.every((group) => x.exceptPeerGroups?.includes(group) === true) ?? false;
  return excluded(a, b) || excluded(b, a) || areDisjoint(a, b);
}
