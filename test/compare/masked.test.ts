import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type Finding } from '../../src/api.ts';
import { loadHost } from '../../src/api/host/host.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { holds } from './box-sets.ts';
import { whole } from './cases.ts';
import { configsOf, siteOf } from './worlds/texts.ts';
import { forwarded, shown, waysOf } from './worlds/ways.ts';
import { INTERFACES, PACKETS, type Packet, PEERS, type Row, type World, worlds } from './worlds/world.ts';

/**
 * "It was meant to be open and an earlier rule takes it": what a row needs, no rule lets through, and would pass if no rule
 * dropped anything. The policies of the world's filter table are DROP, so that only rules open anything.
 */
const undenied = (world: World): World => ({
  ...world,
  rules: world.rules.filter(({ text }) => !/-j (?:DROP|REJECT)$/.test(text)),
});

/** What drops packets behind the filter table takes nothing that a later rule would let through. */
const ordered = worlds.map((world) => ({
  ...world,
  rules: world.rules.filter(({ text }) => !/^-A POSTROUTING .*-j DROP$/.test(text)),
}));

/** Packets of a row whose ends are all bound: every one of them is needed. */
function needed(world: World, row: Row): readonly Packet[] {
  const { peers, on } = world.roles[row.role] as World['roles'][number];
  if (peers === undefined || on === undefined || row.level !== 'required') return [];
  return PACKETS.filter((packet) => {
    const at = (PEERS as readonly string[]).indexOf(packet.peer);
    const isAsked = packet.direction === row.direction && packet.protocol === row.protocol;
    const isTheirs = packet.name === on && peers[0] <= at && at <= peers[1];
    return isAsked && isTheirs && packet.asking >= 1024 && row.ports.includes(packet.port);
  });
}

const passes = (ruleset: Ruleset, packet: Packet): boolean =>
  waysOf(ruleset, packet).some((way) => way.passes);

const rulesOf = async (world: World): Promise<Ruleset> => whole(await loadHost(configsOf(world))).ruleset;

function told(findings: readonly Finding[], packet: Packet): boolean {
  const lines = [shown(packet), ...INTERFACES.map((out) => forwarded(packet, out))];
  return findings.some(({ hook, packets }) =>
    lines.some((line) => line.hook === hook && packets.some((box) => holds(box, line))),
  );
}

describe('masked', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 12);
  it('is what would pass if no rule dropped anything', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(ordered, async (world) => {
        const { hosts } = whole(await check(siteOf(world)));
        const definite = hosts
          .flatMap(({ findings }) => findings)
          .filter((one) => one.certainty === 'definite');
        const [really, free] = [await rulesOf(world), await rulesOf(undenied(world))];
        for (const row of world.rows) {
          const mine = definite.filter(({ connection }) => connection === row.id);
          for (const packet of needed(world, row)) {
            if (passes(really, packet)) continue;
            const isMasked = passes(free, packet);
            const said = {
              masked: told(
                mine.filter(({ rule }) => rule === 'masked'),
                packet,
              ),
              missing: told(
                mine.filter(({ code }) => code === 'missing'),
                packet,
              ),
            };
            expect(said, `${row.id}: ${JSON.stringify(packet)}`).toEqual({
              masked: isMasked,
              missing: !isMasked,
            });
          }
        }
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261123) },
    );
  });
});
