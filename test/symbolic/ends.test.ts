import { describe, expect, it } from 'vitest';
import { ALL, NONE } from '../../src/packet/diagram.ts';
import { isMember } from '../../src/packet/membership.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { sameEnd } from '../../src/symbolic/translation/ends.ts';
import { ACCEPT, address, chain, field, opaque, packet, rule, ruleset } from '../support/rules.ts';

describe('where packets go', () => {
  const match = [address('src', '10.0.0.1'), address('dst', '10.0.0.9'), field('dport', 80), opaque('odd')];
  const rules = ruleset([chain('INPUT', [rule(match, ACCEPT)], { hook: 'input', policy: 'drop' })], {
    families: [4],
  });
  const analysis = new Analysis(new PacketSpace(), rules, { family: 4, hook: 'input', state: 'new' });
  const { diagram } = analysis;
  const accepted = diagram.orAll(analysis.pass(analysis.entry()).accept.map(({ set }) => set));
  const here = { src: 0x0a000001n, dst: 0x0a000009n, dport: 80 };

  it('leaves nothing out, and asks for nothing else', () => {
    const ends = sameEnd(diagram, accepted);
    expect(diagram.difference(accepted, ends)).toBe(NONE);
    expect(isMember(diagram, ends, packet(here))).toBe(true);
    expect(isMember(diagram, ends, packet({ ...here, src: 0xc0000201n }))).toBe(true);
    expect(isMember(diagram, ends, packet({ ...here, dst: 0x0a000008n }))).toBe(false);
    expect(isMember(diagram, ends, packet({ ...here, dport: 81 }))).toBe(false);
  });

  it('is everywhere or nowhere for the whole and the empty set', () => {
    expect(sameEnd(diagram, ALL)).toBe(ALL);
    expect(sameEnd(diagram, NONE)).toBe(NONE);
  });
});
