import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostReport } from '../../src/api.ts';
import { type Asked, asked, askHost, closedOf, expectClosed, expectOpenings, statusesOf } from './judged.ts';
import { closedKeys, isDocumented, isProhibited, keyOf } from './sites/meaning.ts';
import { type Packet, packetsOf, shown, verdicts } from './sites/packets.ts';
import { type Row, type Site, sites } from './sites/site.ts';
import { textsOf } from './sites/texts.ts';

/**
 * `check` of random sites, both ways and in both families, against a literal reading of the pages about baselines and deployments: what
 * rules do and what rows mean is worked out packet by packet, by nothing of the program.
 */
describe('whole sites', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 20);
  it('are judged as the pages say, packet by packet', async () => {
    await fc.assert(
      fc.asyncProperty(sites, async (site) => {
        const report = await askHost(textsOf(site));
        const all = asked(packetsOf(site), shown, (packet) => verdicts(site, packet));
        expectOpenings(all, report.findings, {
          isDocumented: (packet) => isDocumented(site, packet),
          isProhibited: (packet) => isProhibited(site, packet),
          isClosed: ({ direction }) => site.closed[direction],
        });
        for (const row of site.rows) expectNeeds(site, row, all, report);
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261122) },
    );
  });
});

function expectNeeds(site: Site, row: Row, all: readonly Asked<Packet>[], report: HostReport): void {
  const packets = all.map(({ packet }) => packet);
  const isNeeded = row.level === 'required';
  const closed = closedOf(all, (passes) => (isNeeded ? closedKeys(site, row, packets, passes) : new Set()));
  const about = { id: row.id, keyOf: (packet: Packet) => keyOf(site, row, packet, false) };
  const status = expectClosed(all, report, about, closed);
  if (!isNeeded || status === 'not-applicable') return;
  // Of two ends without a family in common nobody can tell, and nothing is found.
  const isAsked = closedKeys(site, row, packets, () => false).size > 0;
  expect(isAsked ? statusesOf(closed) : ['undetermined'], `${row.id} status`).toContain(status);
}
