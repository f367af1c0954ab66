import { readFileSync, writeFileSync } from 'node:fs';
import { iptables, nftables } from './configs.ts';
import { judge } from './judge.ts';
import type { Plan } from './mutants.ts';
import { campaigns, table } from './table.ts';

// `npm run test:mutation`: every mutant of every baseline, in both formats. Prints the table; exits 1 where one was not
// caught, or where a finding was not planted. With --write the table goes into docs/mutation.md.
const PAGE = 'docs/mutation.md';
const all = campaigns();
const caught = new Map<Plan, number>();
let faults = 0;
for (const { id, plans } of all)
  for (const plan of plans) {
    const tallies = [await judge(plan, iptables), await judge(plan, nftables)];
    caught.set(plan, Math.min(...tallies.map((tally) => tally.caught)));
    for (const fault of tallies.flatMap((tally) => tally.faults)) {
      faults += 1;
      console.error(`${id}, ${plan.host.name}: ${fault}`);
    }
  }
const found = table(all, (plan) => caught.get(plan) ?? 0);
console.info(found);
if (process.argv.includes('--write')) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.replace(/\| baseline \|[\s\S]*\n(?=\n|$)/, found));
}
console.info(faults === 0 ? 'All caught, nothing else found.' : `${faults} faults.`);
process.exitCode = faults === 0 ? 0 : 1;
