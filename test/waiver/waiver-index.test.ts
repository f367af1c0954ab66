import { describe, expect, it } from 'vitest';
import type { Box, Finding } from '../../src/finding/report.ts';
import { boxesApart } from '../../src/compare/finding/boxes-apart.ts';
import { SpanIndex } from '../../src/waiver/span-index.ts';
import type { Waiver } from '../../src/waiver/waiver.ts';
import { WaiverIndex } from '../../src/waiver/waiver-index.ts';

/** A generator of whole numbers below a limit that gives the same ones each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

function boxOf(next: (below: number) => number): Box {
  const pair = (most: number, text: (value: number) => string): string => {
    const lo = next(most);
    return next(2) === 0 ? text(lo) : `${text(lo)}-${text(lo + next(most - lo))}`;
  };
  const ipv6 = next(4) === 0;
  const address = (value: number): string => (ipv6 ? `2001:db8::${value.toString(16)}` : `10.0.0.${value}`);
  const list = (most: number, text: (value: number) => string): string[] =>
    Array.from({ length: 1 + next(2) }, () => pair(most, text));
  return {
    family: ipv6 ? 'ipv6' : 'ipv4',
    ...(next(3) === 0 ? {} : { destinationPorts: list(60, String) }),
    ...(next(3) === 0 ? {} : { sources: list(60, address) }),
    ...(next(3) === 0 ? {} : { destinations: list(60, address) }),
  };
}

const boxesOf = (next: (below: number) => number): Box[] =>
  Array.from({ length: 1 + next(2) }, () => boxOf(next));

function waiverOf(next: (below: number) => number, at: number): Waiver {
  const pick = <T>(...of: readonly T[]): T => of[next(of.length)] as T;
  const packets = next(5) === 0 ? { fingerprint: pick('a', 'b') } : { packets: boxesOf(next) };
  const terms = { rule: pick('closed', 'masked', undefined), host: pick('one', 'two', undefined) };
  const about = { hooks: pick(['input' as const], undefined), connection: pick('ssh', 'x:ssh', undefined) };
  const said = Object.entries({ ...terms, ...about }).filter(([, value]) => value !== undefined);
  return { id: `W${at}`, ...Object.fromEntries(said), ...packets } as unknown as Waiver;
}

/** What the index must find, told plainly. */
function isWanted(waiver: Waiver, host: string, finding: Finding): boolean {
  const { rule, hooks, connection, fingerprint, packets } = waiver;
  return (
    (rule === undefined || rule === finding.rule) &&
    (waiver.host === undefined || waiver.host === host) &&
    (hooks?.includes(finding.hook) ?? true) &&
    (connection === undefined || [finding.connection, `x:${finding.connection}`].includes(connection)) &&
    (fingerprint === undefined
      ? !boxesApart(packets ?? [], finding.packets)
      : fingerprint === finding.fingerprint)
  );
}

describe('waivers that concern a finding', () => {
  it('are those that a look at each finds, in the order of the file', () => {
    const next = numbers(1);
    const waivers = Array.from({ length: 300 }, (_, at) => waiverOf(next, at));
    const index = new WaiverIndex(waivers);
    let passed = 0;
    for (let i = 0; i < 100; i++) {
      const host = ['one', 'two', 'three'][next(3)] as string;
      const finding = {
        rule: ['closed', 'masked'][next(2)],
        hook: ['input', 'output'][next(2)],
        fingerprint: ['a', 'b', 'c'][next(3)],
        ...(next(2) === 0 ? {} : { baseline: 'x', connection: 'ssh' }),
        packets: boxesOf(next),
      } as unknown as Finding;
      const found = index.concerning(host, finding);
      const wanted = waivers.filter((waiver) => isWanted(waiver, host, finding));
      expect(found).toEqual(waivers.filter((waiver) => found.includes(waiver)));
      expect(found).toEqual(expect.arrayContaining(wanted));
      passed += waivers.length - found.length;
    }
    expect(passed).toBeGreaterThan(25_000);
  });

  it('are found by spans that meet', () => {
    const next = numbers(2);
    const spans = Array.from({ length: 200 }, (): readonly [number, number] | undefined => {
      const lo = next(100);
      return next(10) === 0 ? undefined : [lo, lo + next(20)];
    });
    const index = new SpanIndex([...spans.keys()], (at) => spans[at]);
    for (let lo = 0; lo < 120; lo += 7) {
      const meeting = spans.flatMap((span, at) =>
        span === undefined || (span[0] <= lo + 3 && span[1] >= lo) ? [at] : [],
      );
      expect(index.meeting([lo, lo + 3]).sort((a, b) => a - b)).toEqual(meeting);
      expect(index.count([lo, lo + 3])).toBe(meeting.length);
    }
    expect(index.meeting(undefined)).toHaveLength(200);
    expect(new SpanIndex<number>([], () => undefined).meeting([1, 2])).toEqual([]);
  });
});
