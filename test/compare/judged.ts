import { expect } from 'vitest';
import { check, type Finding, type HostReport, type InputFile, type WitnessPacket } from '../../src/api.ts';
import { membership } from './box-sets.ts';
import { whole } from './cases.ts';

/** A packet, how reports write it, and whether it passes for certain, or may. */
export interface Asked<P> {
  readonly packet: P;
  readonly shown: WitnessPacket;
  readonly must: boolean;
  readonly may: boolean;
}

/** Packets with what can become of them. */
export function asked<P>(
  packets: readonly P[],
  shown: (packet: P) => WitnessPacket,
  verdicts: (packet: P) => ReadonlySet<'ACCEPT' | 'DROP'>,
): readonly Asked<P>[] {
  return packets.map((packet) => {
    const found = verdicts(packet);
    const may = found.has('ACCEPT');
    return { packet, shown: shown(packet), may, must: may && found.size === 1 };
  });
}

const file = ([path, text]: [string, string]): InputFile => ({ path, bytes: Buffer.from(text) });

/** What `check` says of the one host of a site, whose files are given by their names. */
export async function askHost(texts: Readonly<Record<string, string>>): Promise<HostReport> {
  const { 'site.yaml': deployment = '', ...others } = texts;
  const files = Object.entries(others).map(file);
  const report = whole(await check({ deployment: file(['site.yaml', deployment]), files }));
  return report.hosts[0] as HostReport;
}

/** The packets that findings are about. */
function told<P>(all: readonly Asked<P>[], findings: readonly Finding[]): readonly P[] {
  const boxes = findings.flatMap(({ hook, packets }) =>
    packets.map((box) => ({ hook, is: membership(box) })),
  );
  const isTold = ({ shown }: Asked<P>): boolean =>
    boxes.some(({ hook, is }) => hook === shown.hook && is(shown));
  return all.filter(isTold).map(({ packet }) => packet);
}

/** What the rows of a site say of a packet, and whether what they don't document is excess. */
export interface Meaning<P> {
  readonly isDocumented: (packet: P) => boolean;
  readonly isProhibited: (packet: P) => boolean;
  readonly isClosed: (packet: P) => boolean;
}

const words = <P extends object>(packets: readonly P[]): string[] =>
  packets.map((packet) => Object.values(packet).join(' '));

/** Expects the findings about open packets to have those, and no others, that are open against the rows. */
export function expectOpenings<P extends object>(
  all: readonly Asked<P>[],
  findings: readonly Finding[],
  { isDocumented, isProhibited, isClosed }: Meaning<P>,
): void {
  for (const certainty of ['definite', 'possible'] as const) {
    const mine = findings.filter((finding) => finding.certainty === certainty);
    const open = all
      .filter(({ must, may }) => (certainty === 'definite' ? must : may && !must))
      .map(({ packet }) => packet);
    const rest = open.filter((packet) => !isProhibited(packet));
    const expected = {
      excess: rest.filter((packet) => isClosed(packet) && !isDocumented(packet)),
      prohibited: open.filter(isProhibited),
    };
    const excess = mine.filter(({ code }) => code === 'excessive');
    const prohibited = mine.filter(({ rule }) => rule === 'prohibited-open');
    expect(words(told(all, excess)), `${certainty} excess`).toEqual(words(expected.excess));
    expect(words(told(all, prohibited)), `${certainty} prohibited`).toEqual(words(expected.prohibited));
  }
}

/** What of a row is closed for certain, and what for some behaviour of what nobody knows, as keys of what it needs. */
export interface Closed {
  readonly never: ReadonlySet<string>;
  readonly perhaps: readonly string[];
}

/** @param closed the keys of what is closed, where `passes` says what counts as passing */
export function closedOf<P>(
  all: readonly Asked<P>[],
  closed: (passes: (packet: P) => boolean) => ReadonlySet<string>,
): Closed {
  const [must, may] = [
    new Set(all.filter((one) => one.must).map(({ packet }) => packet)),
    new Set(all.filter((one) => one.may).map(({ packet }) => packet)),
  ];
  const never = closed((packet) => may.has(packet));
  const perhaps = [...closed((packet) => must.has(packet))].filter((key) => !never.has(key));
  return { never, perhaps: perhaps.sort() };
}

const CLOSED = ['closed', 'partly-closed', 'masked', 'families-disagree'];

/**
 * Expects the findings about a row's closed packets to have those, and no others, that are closed.
 *
 * @returns the row's status
 */
export function expectClosed<P>(
  all: readonly Asked<P>[],
  { findings, connections }: HostReport,
  row: { readonly id: string; readonly keyOf: (packet: P) => string },
  { never, perhaps }: Closed,
): string | undefined {
  const keys = (certainty: Finding['certainty']): string[] => {
    // What the other family has is told for information, and is not missing.
    const mine = findings.filter(
      (one) =>
        one.connection === row.id &&
        one.certainty === certainty &&
        CLOSED.includes(one.rule) &&
        one.severity !== 'info',
    );
    return [...new Set(told(all, mine).map(row.keyOf))].sort();
  };
  expect(keys('definite'), `${row.id} closed`).toEqual([...never].sort());
  // Of two addresses of the host one may be closed for certain and the other one perhaps.
  const doubts = keys('possible').filter((key) => !never.has(key));
  expect(doubts, `${row.id} perhaps closed`).toEqual(perhaps);
  return connections.find(({ id }) => id === row.id)?.status;
}

/** The statuses that a needed row may have. */
export function statusesOf({ never, perhaps }: Closed): readonly string[] {
  if (never.size > 0) return ['missing', 'partial'];
  return perhaps.length > 0 ? ['undetermined'] : ['satisfied'];
}
