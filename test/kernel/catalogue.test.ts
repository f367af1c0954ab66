import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import { describeKernel } from '../support/kernel.ts';
import { EXACT_MATCHES, OPAQUE_MATCHES, OPAQUE_TARGETS, REFUSED, RULE_SETS } from './catalogue/index.ts';
import { FACTS } from './catalogue/facts.ts';
import { judgeMatches, judgeRules } from './catalogue/judging.ts';
import { type OpaqueEntry, packetOf } from './catalogue/types.ts';
import { readHost } from './compare/read.ts';
import { openJudges } from './judges.ts';

const BACKENDS = ['legacy', 'nft'] as const;
const HOOKS = ['input', 'forward', 'output'] as const;
const OPAQUE: readonly OpaqueEntry[] = [...OPAQUE_MATCHES, ...OPAQUE_TARGETS];

function opaqueText({ rule, rules }: OpaqueEntry): string {
  return rules ?? `*filter\n:INPUT DROP [0:0]\n-A INPUT ${rule}\nCOMMIT\n`;
}

function filesOf(entry: OpaqueEntry) {
  return entry.family === 4 ? { v4: opaqueText(entry) } : { v6: opaqueText(entry) };
}

/** A packet that everything else in the rule matches. */
function packetFor({ rule, family }: OpaqueEntry) {
  const named = /-p (\S+)/.exec(rule)?.[1] ?? 'tcp';
  const numbers: Record<string, number> = { tcp: 6, sctp: 132, dccp: 33, ah: 51, esp: 50 };
  const headers = rule.includes('-m rt') ? (['route'] as const) : [];
  return packetOf({ protocol: numbers[named] as number, headers }, family, 'input');
}

describeKernel('the catalogue against the kernel', () => {
  const judges = openJudges();

  describe.each(BACKENDS)('%s', (backend) => {
    for (const family of [4, 6] as const)
      it.concurrent.each(HOOKS)(`matches of IPv${family} at %s`, async (hook) => {
        expect(await judgeMatches({ judges, backend }, EXACT_MATCHES, family, hook)).toEqual([]);
      });

    it.concurrent.each(
      [...RULE_SETS, ...FACTS].map(
        (entry) => [`${entry.construct} (IPv${entry.family}, ${entry.hook})`, entry] as const,
      ),
    )('%s', async (_, entry) => {
      expect(await judgeRules({ judges, backend }, entry)).toEqual([]);
    });

    it.concurrent('loads what is opaque', async () => {
      const refused: string[] = [];
      const load = async (entry: OpaqueEntry): Promise<void> => {
        const files = { backend, ...filesOf(entry) };
        const refusal = await judges.use('sink', (judge) => judge.load(files));
        if (refusal !== undefined) refused.push(`${entry.construct}: ${refusal}`);
      };
      await Promise.all(OPAQUE.filter(({ rare }) => !rare).map(load));
      expect(refused).toEqual([]);
    });

    it.concurrent('refuses what is not accepted', async () => {
      const refusals = REFUSED.map(({ rules }) =>
        judges.use('sink', (judge) => judge.load({ backend, v4: rules })),
      );
      const said = await Promise.all(refusals);
      expect(REFUSED.filter((_, at) => said[at] === undefined).map(({ construct }) => construct)).toEqual([]);
    });
  });
});

describe('the catalogue against postern alone', () => {
  it.each(OPAQUE.map((entry) => [entry.construct, entry] as const))('%s is opaque', (_, entry) => {
    const ruleset = readHost(filesOf(entry));
    if (typeof ruleset === 'string') throw new Error(ruleset);
    const { certainty, dependsOn } = outcomes(ruleset, packetFor(entry));
    expect({ certainty, reasons: dependsOn.length > 0 }).toEqual({ certainty: 'possible', reasons: true });
  });

  it.each(REFUSED.map((entry) => [entry.construct, entry] as const))('%s is refused', (_, { rules }) => {
    expect(readHost({ v4: rules })).toMatch(/^rules\.v4:\d+:\d+: /);
  });
});
