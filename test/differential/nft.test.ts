import { describe, expect, it } from 'vitest';
import { disagreement, Symbolic } from './engines.ts';
import { nftCase } from './nft-cases.ts';

const CASES = 20;
const PACKETS = 60;

describe('nftables rule sets: the engines agree', () => {
  it.each(['fixed', 'open'] as const)('with state, flags and fragment %s', (precision) => {
    let read = 0;
    for (let number = 0; number < CASES; number++) {
      const one = nftCase(11, number, PACKETS);
      if (one === undefined) continue;
      read++;
      const symbolic = new Symbolic(one.ruleset, precision);
      for (const packet of one.packets) {
        const what = disagreement(one.ruleset, packet, symbolic);
        expect(what === undefined ? '' : `case ${number}: ${what}\n${one.text}`).toBe('');
      }
    }
    expect(read).toBeGreaterThan(CASES / 2);
  });
});
