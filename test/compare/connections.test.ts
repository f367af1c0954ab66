import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type Finding } from '../../src/api.ts';
import { loadHost } from '../../src/api/host/host.ts';
import { holds } from './box-sets.ts';
import { whole } from './cases.ts';
import { closedKeys, halfOpenKeys, isDocumented, isProhibited, keyOf } from './worlds/meaning.ts';
import { configsOf, siteOf } from './worlds/texts.ts';
import { forwarded, shown, waysOf } from './worlds/ways.ts';
import { INTERFACES, PACKETS, type Packet, type Row, type World, worlds } from './worlds/world.ts';

/**
 * The contract's definitions read literally, for both directions, translation, connection tracking and all tables: every packet
 * of a small world is walked through the interpreter under every behaviour of the unmodelled matches, its reply and the packet
 * after that too. `check` must say the same of each packet.
 */
interface Asked {
  readonly world: World;
  readonly findings: readonly Finding[];
  readonly fates: ReadonlyMap<Packet, Fate>;
}

/** What becomes of a packet's connection: coming in or being sent, or forwarded by an interface. */
interface Fate {
  readonly here: Passing | undefined;
  readonly away: ReadonlyMap<string, Passing>;
}

interface Passing {
  readonly must: boolean;
  readonly may: boolean;
  /** Whether a prohibited row has the packet: as it arrives, or as rules translate it. */
  readonly prohibited: 'always' | 'sometimes' | 'never';
  /** The rest of the connection, for all ways that pass together. */
  readonly rest: 'passes' | 'possible' | 'stops';
}

async function ask(world: World): Promise<Asked> {
  const report = whole(await check(siteOf(world)));
  const { ruleset } = whole(await loadHost(configsOf(world)));
  const fates = new Map(
    PACKETS.map((packet): [Packet, Fate] => {
      const ways = waysOf(ruleset, packet);
      const passing = (out: string | undefined): Passing | undefined => {
        const mine = ways.filter((way) => way.out === out);
        if (mine.length === 0) return undefined;
        const open = mine.filter(({ passes }) => passes);
        const bad = new Set(
          open.map(({ port }) => isProhibited(world, packet) || isProhibited(world, { ...packet, port })),
        );
        const rests = new Set(open.map(({ rest }) => rest));
        return {
          must: open.length === mine.length,
          may: open.length > 0,
          prohibited: bad.size > 1 ? 'sometimes' : bad.has(true) ? 'always' : 'never',
          rest: rests.size === 1 ? ([...rests][0] ?? 'passes') : 'possible',
        };
      };
      const away = INTERFACES.flatMap((out): [string, Passing][] => {
        const one = passing(out);
        return one === undefined ? [] : [[out, one]];
      });
      return [packet, { here: passing(undefined), away: new Map(away) }];
    }),
  );
  return { world, findings: report.hosts.flatMap(({ findings }) => findings), fates };
}

const name = ({ direction, name, peer, protocol, asking, port }: Packet, out?: string): string =>
  [direction, name, peer, protocol, asking, port, ...(out === undefined ? [] : ['>', out])].join(' ');

/** The world's packets that findings are about, at their own hook or forwarded. */
function told(findings: readonly Finding[], packet: Packet, out?: string): boolean {
  const line = out === undefined ? shown(packet) : forwarded(packet, out);
  return findings.some(({ hook, packets }) => hook === line.hook && packets.some((box) => holds(box, line)));
}

/** Excess and what is prohibited, where one way is sure. What chance sends elsewhere is possible in both places. */
function expectOpen({ world, findings, fates }: Asked, certainty: 'definite' | 'possible'): void {
  const mine = findings.filter((finding) => finding.certainty === certainty);
  const is = ({ must, may }: Passing): boolean => (certainty === 'definite' ? must : may && !must);
  const sorts = {
    excessive: mine.filter(({ code }) => code === 'excessive'),
    prohibited: mine.filter(({ rule }) => rule === 'prohibited-open'),
  };
  for (const [packet, { here, away }] of fates) {
    const places: [string | undefined, Passing][] = [
      ...(here === undefined || away.size > 0 ? [] : [[undefined, here] as [undefined, Passing]]),
      ...(here === undefined ? away : []),
    ];
    for (const [out, passing] of places) {
      if (passing.prohibited === 'sometimes') continue;
      const isBad = passing.prohibited === 'always';
      const expected = {
        excessive: is(passing) && !isBad && !isDocumented(world, packet),
        prohibited: is(passing) && isBad,
      };
      const said = {
        excessive: told(sorts.excessive, packet, out),
        prohibited: told(sorts.prohibited, packet, out),
      };
      expect(said, `${certainty}: ${name(packet, out)}`).toEqual(expected);
    }
    const opens = [...sorts.excessive, ...sorts.prohibited];
    if (here !== undefined && away.size > 0 && certainty === 'definite' && told(opens, packet))
      expect(here.must, `definite: ${name(packet)}`).toBe(true);
  }
}

/** Whether the row's packet surely passes, or can: by one interface at least where it is forwarded. */
function verdictsOf({ here, away }: Fate): { must: boolean; may: boolean } {
  const out = [...away.values()];
  return {
    must: (here?.must ?? true) && (out.length === 0 || out.some(({ must }) => must)),
    may: (here?.may ?? false) || out.some(({ may }) => may),
  };
}

function expectRow({ world, findings, fates }: Asked, row: Row): void {
  const fate = (packet: Packet): Fate => fates.get(packet) as Fate;
  const keys = (certainty: string, isHalf: boolean): string[] => {
    const mine = findings.filter(
      (one) =>
        one.connection === row.id &&
        one.code !== 'excessive' &&
        one.certainty === certainty &&
        (one.rule === 'half-open') === isHalf,
    );
    // What is dropped before it is translated would have been forwarded, and a finding may say so.
    const packets = PACKETS.filter(
      (packet) => told(mine, packet) || INTERFACES.some((out) => told(mine, packet, out)),
    );
    return [...new Set(packets.map((packet) => keyOf(world, row, packet, false)))].sort();
  };
  const required = row.level === 'required';
  const closed = required
    ? closedKeys(world, row, (packet) => verdictsOf(fate(packet)).may)
    : new Set<string>();
  const unsure = required
    ? closedKeys(world, row, (packet) => verdictsOf(fate(packet)).must)
    : new Set<string>();
  expect(keys('definite', false), `${row.id}: missing`).toEqual([...closed].sort());
  expect(keys('possible', false), `${row.id}: possibly missing`).toEqual(
    [...unsure].filter((key) => !closed.has(key)).sort(),
  );
  const rest = (packet: Packet): Passing['rest'] | undefined => {
    const { here, away } = fate(packet);
    if (!verdictsOf(fate(packet)).must) return undefined;
    const open = here === undefined ? [...away.values()].filter(({ must }) => must) : [here];
    // Which interface a translated packet leaves by only routes tell: one that works is enough.
    if (open.some((one) => one.rest === 'passes')) return 'passes';
    return open.some((one) => one.rest === 'possible') ? 'possible' : 'stops';
  };
  // Packets that chance sends elsewhere are judged above; what becomes of their connections then has fixtures.
  if (PACKETS.some((packet) => fate(packet).here !== undefined && fate(packet).away.size > 0)) return;
  const { definite, possible } = halfOpenKeys(world, row, rest);
  expect(keys('definite', true), `${row.id}: half-open`).toEqual([...definite].sort());
  expect(keys('possible', true), `${row.id}: possibly half-open`).toEqual([...possible].sort());
}

describe('missing, excessive, prohibited and half-open', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 8);
  it('are what the definitions say, packet by packet and way by way', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const asked = await ask(world);
        for (const certainty of ['definite', 'possible'] as const) expectOpen(asked, certainty);
        for (const row of world.rows) if (row.level !== 'prohibited') expectRow(asked, row);
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261122) },
    );
  });
});
