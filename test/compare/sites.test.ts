import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type Finding, type HostReport, type InputFile } from '../../src/api.ts';
import { membership } from './box-sets.ts';
import { whole } from './cases.ts';
import { closedKeys, isDocumented, isProhibited, keyOf } from './sites/meaning.ts';
import { type Packet, packetsOf, shown, verdicts } from './sites/packets.ts';
import { type Row, type Site, sites } from './sites/site.ts';
import { textsOf } from './sites/texts.ts';

/**
 * `check` of random sites, both ways and in both families, against a literal reading of the pages about baselines and deployments: what
 * rules do and what rows mean is worked out packet by packet, by nothing of the program.
 */
const file = ([path, text]: [string, string]): InputFile => ({ path, bytes: Buffer.from(text) });

async function ask(site: Site): Promise<HostReport> {
  const { 'site.yaml': deployment = '', ...texts } = textsOf(site);
  const files = Object.entries(texts).map(file);
  const report = whole(await check({ deployment: file(['site.yaml', deployment]), files }));
  return report.hosts[0] as HostReport;
}

/** Packets with what can become of them, and how reports write them. */
interface Asked {
  readonly packet: Packet;
  readonly shown: ReturnType<typeof shown>;
  readonly must: boolean;
  readonly may: boolean;
}

function asked(site: Site): readonly Asked[] {
  return packetsOf(site).map((packet) => {
    const found = verdicts(site, packet);
    const may = found.has('ACCEPT');
    return { packet, shown: shown(packet), may, must: may && found.size === 1 };
  });
}

/** The packets that findings are about. */
function told(all: readonly Asked[], findings: readonly Finding[]): ReadonlySet<Packet> {
  const boxes = findings.flatMap(({ hook, packets }) =>
    packets.map((box) => ({ hook, is: membership(box) })),
  );
  const hookOf = { in: 'input', out: 'output' } as const;
  const isTold = (one: Asked): boolean =>
    boxes.some(({ hook, is }) => hook === hookOf[one.packet.direction] && is(one.shown));
  return new Set(all.filter(isTold).map(({ packet }) => packet));
}

const words = (packets: Iterable<Packet>): string[] =>
  [...packets].map((packet) => Object.values(packet).join(' ')).sort();

const opens = (certainty: Finding['certainty'], { must, may }: Asked): boolean =>
  certainty === 'definite' ? must : may && !must;

const CERTAINTIES = ['definite', 'possible'] as const;

describe('whole sites', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 20);
  it('are judged as the pages say, packet by packet', async () => {
    await fc.assert(
      fc.asyncProperty(sites, async (site) => {
        const { findings, connections } = await ask(site);
        const all = asked(site);
        for (const certainty of CERTAINTIES) expectOpenings(site, all, findings, certainty);
        for (const row of site.rows) {
          const status = connections.find(({ id }) => id === row.id)?.status;
          expectNeeds(site, row, all, { findings, status });
        }
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261122) },
    );
  });
});

function expectOpenings(
  site: Site,
  all: readonly Asked[],
  findings: readonly Finding[],
  certainty: Finding['certainty'],
): void {
  const mine = findings.filter((finding) => finding.certainty === certainty);
  const open = all.filter((one) => opens(certainty, one)).map(({ packet }) => packet);
  const forbidden = open.filter((packet) => isProhibited(site, packet));
  const excess = open.filter(
    (packet) => site.closed[packet.direction] && !isDocumented(site, packet) && !isProhibited(site, packet),
  );
  const about = (is: (finding: Finding) => boolean): string[] => words(told(all, mine.filter(is)));
  expect(
    about(({ code }) => code === 'excessive'),
    `${certainty} excess`,
  ).toEqual(words(excess));
  expect(
    about(({ rule }) => rule === 'prohibited-open'),
    `${certainty} prohibited`,
  ).toEqual(words(forbidden));
}

const CLOSED = ['closed', 'partly-closed', 'masked', 'families-disagree'];

function expectNeeds(
  site: Site,
  row: Row,
  all: readonly Asked[],
  { findings, status }: { findings: readonly Finding[]; status: string | undefined },
): void {
  const packets = all.map(({ packet }) => packet);
  const of = new Map(all.map((one) => [one.packet, one]));
  const isNeeded = row.level === 'required';
  const closed = (passes: 'must' | 'may'): ReadonlySet<string> =>
    isNeeded ? closedKeys(site, row, packets, (packet) => of.get(packet)?.[passes] === true) : new Set();
  const never = closed('may');
  const perhaps = [...closed('must')].filter((key) => !never.has(key));
  const keys = (certainty: Finding['certainty']): string[] => {
    // What the other family has is told, and is not missing.
    const mine = findings.filter(
      (one) =>
        one.connection === row.id &&
        one.certainty === certainty &&
        CLOSED.includes(one.rule) &&
        one.severity !== 'info',
    );
    return [...new Set([...told(all, mine)].map((packet) => keyOf(site, row, packet, false)))].sort();
  };
  expect(keys('definite'), `${row.id} closed`).toEqual([...never].sort());
  // Of two addresses of the host one may be closed for certain and the other one perhaps.
  const doubts = keys('possible').filter((key) => !never.has(key));
  expect(doubts, `${row.id} perhaps closed`).toEqual(perhaps.sort());
  if (!isNeeded || status === 'not-applicable') return;
  const expected =
    never.size > 0 ? ['missing', 'partial'] : perhaps.length > 0 ? ['undetermined'] : ['satisfied'];
  // Of two ends without a family in common nobody can tell, and nothing is found.
  const isAsked = closedKeys(site, row, packets, () => false).size > 0;
  expect(isAsked ? expected : ['undetermined'], `${row.id} status`).toContain(status);
}
