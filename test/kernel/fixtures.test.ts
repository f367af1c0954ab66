import { describe, expect, it } from 'vitest';
import { describeKernel } from '../support/kernel.ts';
import { compareWithInterpreter } from './compare/compare.ts';
import { type Expected, type Fixture, readFixtures } from './compare/fixture.ts';
import { readHost } from './compare/read.ts';
import { compareWithSymbolic, SymbolicJudge } from './compare/symbolic.ts';
import type { Judge, KernelAnswer } from './judge.ts';
import { openJudges } from './judges.ts';
import { parseAddress } from './wire/address.ts';

const FIXTURES = readFixtures().map((fixture) => [`${fixture.name}: ${fixture.title}`, fixture] as const);

/** The kernel's answer as it was when the fixture was kept. */
function answerOf({ packet }: Fixture['packets'][number], { verdict, dst, dport }: Expected): KernelAnswer {
  if (verdict === 'drop') return { verdict };
  return {
    verdict,
    hook: packet.hook === 'input' ? 'input' : 'postrouting',
    dst: dst === undefined ? packet.dst : parseAddress(dst),
    dport: dport ?? packet.dport,
    mark: packet.mark,
  };
}

describe('counterexamples that were found', () => {
  it('there are some', () => {
    expect(FIXTURES.length).toBeGreaterThan(0);
  });

  it.each(FIXTURES)('%s', (_, fixture) => {
    const ruleset = readHost({
      ...fixture.files,
      ...(fixture.addresses && { addresses: fixture.addresses }),
    });
    if (typeof ruleset === 'string') throw new Error(ruleset);
    const symbolic = new SymbolicJudge(ruleset);
    for (const one of fixture.packets) {
      const kernel = answerOf(one, one.expected);
      const interpreted = compareWithInterpreter(ruleset, one.packet, kernel);
      expect(interpreted.kind === 'agree' ? '' : interpreted.why).toBe('');
      const member = compareWithSymbolic(symbolic, one.packet, kernel, interpreted, fixture.plan);
      expect(member.kind === 'agree' ? '' : member.why).toBe('');
    }
  });
});

describeKernel('counterexamples that were found, against the kernel', () => {
  const judges = openJudges();

  it.concurrent.each(FIXTURES)('%s', (_, fixture) =>
    judges.use(fixture.kind, (judge) => hold(judge, fixture)),
  );

  async function hold(judge: Judge, fixture: Fixture): Promise<void> {
    await judge.route(fixture.plan);
    expect(await judge.load(fixture.files)).toBeUndefined();
    const answers = await judge.judge(fixture.packets.map(({ packet }) => packet));
    fixture.packets.forEach(({ packet, expected }, i) => {
      const { verdict, dst, dport } = answers[i] as Extract<KernelAnswer, { verdict: 'accept' }>;
      expect(verdict).toBe(expected.verdict);
      if (verdict !== 'accept') return;
      expect(dst).toBe(expected.dst === undefined ? packet.dst : parseAddress(expected.dst));
      if (dport !== undefined) expect(dport).toBe(expected.dport ?? packet.dport);
    });
  }
});
