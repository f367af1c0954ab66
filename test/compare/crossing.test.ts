import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostReport } from '../../src/api.ts';
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
import { type Asked, asked, askHost, closedOf, expectClosed, expectOpenings, statusesOf } from './judged.ts';

/** The same as sites.test.ts for a firewall between zones: every packet through it, against a literal reading of docs/deployments.md. */
describe('firewalls between zones', () => {
  const numRuns = Number(process.env.POSTERN_RUNS ?? 10);
  it('are judged as the page says, packet by packet', async () => {
    await fc.assert(
      fc.asyncProperty(sites, async (site) => {
        const report = await askHost(textsOf(site));
        const all = asked(
          PACKETS,
          (packet) => packet,
          (packet) => verdicts(site, packet),
        );
        expectOpenings(all, report.findings, {
          isDocumented: (packet) => isDocumented(site, packet),
          isProhibited: (packet) => isProhibited(site, packet),
          isClosed: (packet) => isClosed(site, packet),
        });
        for (const row of site.rows)
          if (row.level === 'required' && concerns(site, row)) expectNeeds(site, row, all, report);
      }),
      { numRuns, seed: Number(process.env.POSTERN_SEED ?? 20261122) },
    );
  });
});

function expectNeeds(site: Site, row: Row, all: readonly Asked<Packet>[], report: HostReport): void {
  const needed = PACKETS.filter((packet) => isNeeded(site, row, packet));
  // A row from a machine to itself means nothing to a firewall.
  if (needed.length === 0 && row.source === row.destination) return;
  const closed = closedOf(all, (passes) => closedKeys(site, row, needed, passes));
  const about = { id: row.id, keyOf: (packet: Packet) => keyOf(site, row, packet, false) };
  const status = expectClosed(all, report, about, closed);
  // What need not cross is judged as what is optional.
  const expected = needed.length > 0 ? statusesOf(closed) : ['satisfied', 'partial', 'not-applicable'];
  expect(expected, `${row.id} status`).toContain(status);
}
