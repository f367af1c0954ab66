import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/rule/ruleset.ts';
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
