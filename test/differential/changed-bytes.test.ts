import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/rule/action.ts';
import { verdictsFor } from '../../src/interpreter/index.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { hitsOf } from '../../src/symbolic/deciding/walk.ts';
import { ACCEPT, chain, DROP, goto, jump, opaque, packet, rule, ruleset, set } from '../support/rules.ts';
import { disagreement, Symbolic } from './engines.ts';

const TEXT = opaque('-m string --string "x"');
const TOS = set('tos', 16);
const one = packet({ src: 0x0a000007n, tos: 0 });

/** What both engines say of the packet, in both precisions. */
function expectBoth(
  rules: ReturnType<typeof ruleset>,
  answer: { readonly accept: boolean; readonly deny: boolean },
): void {
  for (const precision of ['fixed', 'open'] as const) {
    expect(disagreement(rules, one, new Symbolic(rules, precision))).toBeUndefined();
    expect(new Symbolic(rules, precision).answer(one)).toEqual(answer);
  }
}

const inInput = (...rules: ReturnType<typeof rule>[]) =>
  ruleset([chain('input', rules, { hook: 'input', policy: 'drop' })]);
const asking = (changing: Action | undefined) =>
  inInput(rule(TEXT, DROP), ...(changing === undefined ? [] : [rule([], changing)]), rule(TEXT, ACCEPT));

describe('a text that is asked twice in one chain', () => {
  it('has one answer where nothing changes the packet', () => {
    expectBoth(asking(undefined), { accept: false, deny: true });
  });

  it('is asked anew once the packet’s bytes have changed', () => {
    expectBoth(asking(TOS), { accept: true, deny: true });
  });

  it('has one answer where the change leaves the byte as it was', () => {
    expectBoth(asking(set('tos', 0)), { accept: false, deny: true });
  });

  it('has one answer behind the change, however often it is asked there', () => {
    const again = [rule(TEXT, DROP), rule(TEXT, ACCEPT)];
    expectBoth(inInput(rule(TEXT, DROP), rule([], TOS), ...again), { accept: false, deny: true });
  });

  it.each([jump('changing'), goto('changing')])(
    'is asked anew in a chain that changes the packet: $kind',
    (to) => {
      const rules = ruleset([
        chain('changing', [rule([], TOS), rule(TEXT, ACCEPT), rule([], DROP)]),
        chain('input', [rule(TEXT, to)], { hook: 'input', policy: 'drop' }),
      ]);
      expectBoth(rules, { accept: true, deny: true });
    },
  );

  it('is asked anew behind a call that changed the packet', () => {
    const rules = ruleset([
      chain('changing', [rule([], TOS)]),
      chain('input', [rule(TEXT, DROP), rule([], jump('changing')), rule(TEXT, ACCEPT)], {
        hook: 'input',
        policy: 'drop',
      }),
    ]);
    expectBoth(rules, { accept: true, deny: true });
  });
});

/** Rules at two hooks that each give packets another byte where an unmodelled match holds. */
function marking(count: number, text: (hook: string, i: number) => string) {
  const rules = (hook: string) =>
    Array.from({ length: count }, (_, i) => rule(opaque(text(hook, i)), set('tos', i)));
  return ruleset([
    chain('PREROUTING', rules('prerouting'), { hook: 'prerouting', policy: 'accept' }),
    chain('INPUT', [...rules('input'), rule([], ACCEPT)], { hook: 'input', policy: 'drop' }),
  ]);
}

describe('dozens of matches behind which bytes change', () => {
  const scope = { family: 4, hook: 'input', state: 'new' } as const;

  it('make a flow for each byte, however often it has changed, where no text is asked twice', () => {
    const rules = marking(20, (hook, i) => `-m string --string "${hook} ${i}"`);
    const analysis = new Analysis(new PacketSpace(), rules, scope);
    const { accept, deny, stages } = analysis.pass(analysis.entry());
    expect(accept.length).toBeLessThanOrEqual(21);
    expect(deny).toBe(0);
    for (const { stage, entered } of stages) expect(hitsOf(analysis, stage, entered)).toHaveLength(1);
  });

  it('are followed through no more places than there are rules and bytes', () => {
    const rules = marking(20, (hook, i) => `-m string --string "${hook} ${i}"`);
    const bounds = { steps: 1_000_000, places: 2 * 20 * 21, characters: 100_000_000 };
    const { verdicts, note } = verdictsFor(rules, one, {}, bounds);
    expect(note).toBeUndefined();
    expect(verdicts).toEqual(['accept']);
  });

  it('come to an end where all are asked again, and tell which answers are not kept', () => {
    const rules = marking(20, (_, i) => `-m string --string "${i}"`);
    const analysis = new Analysis(new PacketSpace(), rules, scope);
    const { accept, deny } = analysis.pass(analysis.entry());
    expect(accept.length).toBeGreaterThan(0);
    expect(deny).toBe(0);
    expect(analysis.predicates.overflow.size).toBeGreaterThan(0);
  });
});
