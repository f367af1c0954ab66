import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { outcomes } from '../../../src/interpreter/index.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { describeKernel } from '../../support/kernel.ts';
import { CATALOGUE_PLAN } from '../catalogue/judging.ts';
import { compareWithInterpreter } from '../compare/compare.ts';
import { readHost } from '../compare/read.ts';
import { compareWithSymbolic, SymbolicJudge } from '../compare/symbolic.ts';
import type { Judge, KernelAnswer } from '../judge.ts';
import { openJudges } from '../judges.ts';
import { parseAddress } from '../wire/address.ts';
import { packetFor, SUPPORT_FIXTURES, type SupportCase, supportCases } from './cases.ts';
import { nftSupportPage, PAGE_SECTIONS } from './page.ts';

const CASES = supportCases();
const NAMED = CASES.map((one) => [one.name, one] as const);

function rulesetOf({ rules }: SupportCase, addresses?: string): Ruleset {
  const read = readHost({ nft: rules, ...(addresses === undefined ? {} : { addresses }) });
  if (typeof read === 'string') throw new Error(read);
  return read;
}

describe('what is supported of nftables', () => {
  it('is told by the page, which the fixtures make', async () => {
    await expect(nftSupportPage(CASES)).toMatchFileSnapshot('../../../docs/support-nftables.md');
  });

  it('has a fixture for each row, under a heading of the page', () => {
    expect(CASES.length).toBeGreaterThan(80);
    for (const { section, packets } of CASES) {
      expect(PAGE_SECTIONS).toContain(section);
      expect(packets.length).toBeGreaterThan(0);
    }
  });

  it.each(NAMED.filter(([, { facts }]) => facts !== true))('%s: each packet’s verdict', (_, one) => {
    const ruleset = rulesetOf(one);
    for (const expected of one.packets) {
      const { verdicts, certainty, dependsOn } = outcomes(ruleset, packetFor(one, expected));
      if (expected.verdict === 'possible') {
        expect(certainty).toBe('possible');
        expect(dependsOn).not.toEqual([]);
        continue;
      }
      const said = verdicts.map((verdict) => (verdict === 'accept' ? 'accept' : 'drop'));
      expect({ said: [...new Set(said)], packet: expected.packet }).toEqual({
        said: [expected.verdict],
        packet: expected.packet,
      });
    }
  });

  it.each(NAMED)('%s: what it opens', async (name, one) => {
    const lines = openingsOf(rulesetOf(one), one.hook, () => undefined).map(
      ({ certainty, box, rules, translated }) => {
        const by = rules.map(({ line }) => line).join(',');
        const to = translated === undefined ? '' : ` to ${JSON.stringify(translated)}`;
        return `${certainty} ${JSON.stringify(box)}${to} by ${by || 'policy'}`;
      },
    );
    const file = join(SUPPORT_FIXTURES, name, 'openings.txt');
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(file);
  });
});

describeKernel('what is supported of nftables, by the kernel', () => {
  const judges = openJudges(({ sink, router }) =>
    Promise.all([sink.route(CATALOGUE_PLAN), router.route(CATALOGUE_PLAN)]),
  );

  const judged = NAMED.filter(([, { unjudged }]) => unjudged === undefined);
  it.concurrent.each(judged)('%s', (_, one) =>
    judges.use(one.hook === 'input' && one.facts !== true ? 'sink' : 'router', (judge) => hold(judge, one)),
  );

  async function hold(judge: Judge, one: SupportCase): Promise<void> {
    expect(await judge.load({ backend: 'nft', nft: one.rules })).toBeUndefined();
    const ruleset = rulesetOf(one, one.facts === true ? await judge.addresses() : undefined);
    const symbolic = new SymbolicJudge(ruleset);
    const packets = one.packets.map((expected) => packetFor(one, expected));
    const answers = await judge.judge(packets);
    one.packets.forEach(({ verdict, delivered }, at) => {
      const kernel = answers[at] as KernelAnswer;
      const packet = packets[at] as (typeof packets)[number];
      if (verdict === 'possible') return;
      expect({ verdict: kernel.verdict, packet: one.packets[at]?.packet }).toEqual({
        verdict,
        packet: one.packets[at]?.packet,
      });
      if (kernel.verdict === 'accept') {
        if (delivered?.dst !== undefined) expect(kernel.dst).toBe(parseAddress(delivered.dst));
        if (delivered?.dport !== undefined) expect(kernel.dport).toBe(delivered.dport);
      }
      const interpreted = compareWithInterpreter(ruleset, packet, kernel);
      expect(interpreted).toEqual({ kind: 'agree', certain: true });
      const member = compareWithSymbolic(symbolic, packet, kernel, interpreted, CATALOGUE_PLAN);
      expect(member.kind === 'agree' ? '' : member.why).toBe('');
    });
  }
});
