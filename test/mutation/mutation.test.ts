import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { iptables, nftables } from './configs.ts';
import { judge } from './judge.ts';
import type { Mutant, Plan } from './mutants.ts';
import { campaigns, table } from './table.ts';

/**
 * From each of the five baselines a site is made, with a config for every role and for firewalls in front of them. The
 * compliant configs have no finding; each mutant has exactly the one that was planted. Here every row that a host itself
 * needs is closed once, and of the rest a part is tried; `npm run test:mutation` tries everything in both formats.
 */
const all = campaigns();

/**
 * Hosts themselves: each row and each kind of fault. Each fifth of what repeats that: firewalls, members of a cluster (the
 * primary's rows), senhasegura (Segura has its rows too). Forbidden and forgotten rows: each third.
 */
function isQuick(id: string, plan: Plan): (mutant: Mutant) => boolean {
  const repeats = id === 'senhasegura' || plan.host.role === 'none' || plan.host.role === 'mbr';
  const step = ({ kind }: Mutant): number => {
    if (repeats) return 5;
    return kind === 'prohibited-row' || kind === 'dropped-row' ? 3 : 1;
  };
  return (mutant) =>
    plan.mutants.filter(({ kind }) => kind === mutant.kind).indexOf(mutant) % step(mutant) === 0;
}

describe.each(all)('$id', ({ id, plans }) => {
  it('has no findings where it is met, and exactly the planted one where it is not', async () => {
    const table: string[] = [];
    for (const plan of plans) {
      const { host, mutants, caught, faults } = await judge(plan, iptables, isQuick(id, plan));
      const count = Object.values(mutants).reduce((sum, one) => sum + one, 0);
      expect(faults, host).toEqual([]);
      expect(count, host).toBeGreaterThan(0);
      expect(caught, host).toBe(count);
      table.push(`${host.padEnd(40)} ${caught} of ${plan.mutants.length} mutants tried, all caught`);
    }
    console.info(table.join('\n'));
  });

  it('says the same of nftables', async () => {
    for (const plan of plans.slice(0, 2)) {
      const first = plan.mutants.find(({ kind }) => kind === 'removed');
      const { faults } = await judge(plan, nftables, (mutant) => mutant === first);
      expect(faults, plan.host.name).toEqual([]);
    }
  });
});

describe('the campaign', () => {
  it('closes every row of every document that asks for something, at some host', () => {
    for (const { id, plans } of all) {
      const asked = plans[0]?.host.baselines[0]?.rows ?? [];
      expect(asked.length, id).toBeGreaterThan(0);
      const closed = new Set(
        plans.flatMap(({ mutants }) =>
          mutants.flatMap(({ caught }) => caught.map((one) => one.split(' ')[2])),
        ),
      );
      const rows = new Set(
        plans.flatMap(({ host }) =>
          host.baselines
            .flatMap(({ rows: own }) => own)
            .flatMap((row) => (row.level === 'required' && row.status === 'active' ? [row.id] : [])),
        ),
      );
      expect(
        [...rows].filter((row) => !closed.has(row)),
        id,
      ).toEqual([]);
    }
  });

  it('is the one of docs/mutation.md', () => {
    expect(readFileSync('docs/mutation.md', 'utf8')).toContain(table(all, ({ mutants }) => mutants.length));
  });
});
