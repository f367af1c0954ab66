import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type Finding, type HostReport, type InputFile } from '../../src/api.ts';
import { membership } from './box-sets.ts';
import { whole } from './cases.ts';
import {
  closedKeys,
  concerns,
  isClosed,
  isDocumented,
  isNeeded,
  isProhibited,
  keyOf,
} from './crossing/meaning.ts';
import { type Packet, PACKETS, verdicts } from './crossing/packets.ts';
import { type Row, type Site, sites } from './crossing/site.ts';
import { textsOf } from './crossing/texts.ts';

/** The same as sites.test.ts for a firewall between zones: every packet through it, against a literal reading of docs/deployments.md. */
const file = ([path, text]: [string, string]): InputFile => ({ path, bytes: Buffer.from(text) });

async function ask(site: Site): Promise<HostReport> {
  const { 'site.yaml': deployment = '', ...texts } = textsOf(site);
  const files = Object.entries(texts).map(file);
  const report = whole(await check({ deployment: file(['site.yaml', deployment]), files }));
  return report.hosts[0] as HostReport;
}

type Passes = (packet: Packet) => boolean;

/** What passes for certain, and what may. */
function passing(site: Site): { readonly must: Passes; readonly may: Passes } {
  const found = new Map(PACKETS.map((packet) => [packet, verdicts(site, packet)]));
  const may: Passes = (packet) => found.get(packet)?.has('ACCEPT') === true;
  return { may, must: (packet) => may(packet) && found.get(packet)?.size === 1 };
}

/** The packets that findings are about. */
function told(findings: readonly Finding[]): readonly Packet[] {
  const boxes = findings.flatMap(({ hook, packets }) => (hook === 'forward' ? packets.map(membership) : []));
  return PACKETS.filter((packet) => boxes.some((is) => is(packet)));
}

const words = (packets: readonly Packet[]): string[] =>
  packets.map((packet) => Object.values(packet).join(' '));

describe('firewalls between zones', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 10);
  it('are judged as the page says, packet by packet', async () => {
    await fc.assert(
      fc.asyncProperty(sites, async (site) => {
        const report = await ask(site);
        const { must, may } = passing(site);
        expectOpenings(site, report.findings, 'definite', must);
        expectOpenings(site, report.findings, 'possible', (packet) => may(packet) && !must(packet));
        for (const row of site.rows)
          if (row.level === 'required' && concerns(site, row)) expectNeeds(site, row, report, { must, may });
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261122) },
    );
  });
});

function expectOpenings(
  site: Site,
  findings: readonly Finding[],
  certainty: Finding['certainty'],
  opens: Passes,
): void {
  const mine = findings.filter((finding) => finding.certainty === certainty);
  const open = PACKETS.filter(opens);
  const forbidden = open.filter((packet) => isProhibited(site, packet));
  const excess = open.filter(
    (packet) => isClosed(site, packet) && !isDocumented(site, packet) && !isProhibited(site, packet),
  );
  const about = (is: (finding: Finding) => boolean): string[] => words(told(mine.filter(is)));
  expect(
    about(({ code }) => code === 'excessive'),
    `${certainty} excess`,
  ).toEqual(words(excess));
  expect(
    about(({ rule }) => rule === 'prohibited-open'),
    `${certainty} prohibited`,
  ).toEqual(words(forbidden));
}

const CLOSED = ['closed', 'partly-closed', 'masked'];

function expectNeeds(
  site: Site,
  row: Row,
  { findings, connections }: HostReport,
  { must, may }: { readonly must: Passes; readonly may: Passes },
): void {
  const needed = PACKETS.filter((packet) => isNeeded(site, row, packet));
  // A row from a machine to itself means nothing to a firewall.
  if (needed.length === 0 && row.source === row.destination) return;
  const never = closedKeys(site, row, needed, may);
  const perhaps = [...closedKeys(site, row, needed, must)].filter((key) => !never.has(key));
  const keys = (certainty: Finding['certainty']): string[] => {
    const mine = findings.filter(
      (one) => one.connection === row.id && one.certainty === certainty && CLOSED.includes(one.rule),
    );
    return [...new Set(told(mine).map((packet) => keyOf(site, row, packet, false)))].sort();
  };
  expect(keys('definite'), `${row.id} closed`).toEqual([...never].sort());
  expect(keys('possible'), `${row.id} perhaps closed`).toEqual(perhaps.sort());
  const needs =
    never.size > 0 ? ['missing', 'partial'] : perhaps.length > 0 ? ['undetermined'] : ['satisfied'];
  const status = connections.find(({ id }) => id === row.id)?.status;
  // What need not cross is judged as what is optional.
  expect(needed.length > 0 ? needs : ['satisfied', 'partial', 'not-applicable'], row.id).toContain(status);
}
