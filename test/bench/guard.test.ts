import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { nftRules } from '../../bench/generate-nft.ts';
import { committedRatios, compareRatios, guardTable, MOST, ratiosOf } from '../../bench/guard.ts';
import { spread } from '../../bench/measure.ts';
import type { Side } from '../../bench/side.ts';
import { nftReader } from '../../src/formats/nft/index.ts';
import { SourceFile } from '../../src/text/source.ts';
import { orRequired } from '../support/required.ts';

const figures = (cpu: number, memory: number) => ({
  wall: spread([cpu]),
  cpu: spread([cpu]),
  memory: spread([memory]),
});

const side = (cpu: number, memory: number, peer?: number): Side => ({
  rules: 1,
  fileSize: 1,
  reportSize: 1,
  findings: 1,
  postern: figures(cpu, memory),
  peer: peer === undefined ? undefined : figures(peer, peer),
  node: figures(0.05, 40),
});

describe('the regression guard', () => {
  it('makes ratios of what was measured, and none with a peer that was not run', () => {
    const ratios = ratiosOf({
      small: side(0.2, 80),
      middle: side(1, 200, 0.1),
      large: side(8, 800),
      nft: side(2, 1),
    });
    expect(ratios).toEqual({
      'cold start, cpu, to node -e 0': expect.closeTo(4),
      'cold start, memory, to node -e 0': 2,
      'growth from 10,000 to 100,000 rules, cpu': 8,
      'growth from 10,000 to 100,000 rules, memory': 4,
      '10,000 rules to iptables-nft-restore --test, cpu': 10,
      '10,000 rules to iptables-nft-restore --test, memory': 2000,
    });
  });

  it('fails past 1.3-fold, and only there', () => {
    const rows = compareRatios({ a: 10, b: 10, c: 10 }, { a: 10 * MOST, b: 10 * MOST + 0.1, d: 99 });
    expect(rows.map(({ name, worse }) => [name, worse])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
      ['d', false],
    ]);
    expect(guardTable(rows)).toMatch(
      /\| b .*worse than 1\.3-fold.*\n\| c .*not compared.*\n\| d .*not compared/,
    );
  });

  it('has committed ratios, and no times', () => {
    expect(Object.keys(committedRatios())).toContain('growth from 10,000 to 100,000 rules, cpu');
    for (const ratio of Object.values(committedRatios())) expect(ratio).toBeGreaterThan(0);
  });
});

describe('the nftables script of the benchmark', () => {
  const size = { rules: 300, sets: 10, elements: 50, asking: 10, networks: true, lists: true };
  const text = nftRules(size, 1);

  it('has as many rules as asked for, and is the same for the same seed', () => {
    const read = nftReader.read(new SourceFile('mix.nft', text), 'nft', 'x');
    const rules = read.ok ? read.value.chains.flatMap((chain) => chain.rules) : [];
    expect(rules).toHaveLength(size.rules);
    expect(nftRules(size, 1)).toBe(text);
    expect(nftRules(size, 2)).not.toBe(text);
    expect(text.match(/^\tset /gm)).toHaveLength(size.sets);
  });

  const check = (script: string) =>
    spawnSync('unshare', ['-r', '-n', 'nft', '-c', '-f', '-'], { input: script });
  it.skipIf(!orRequired(check('table inet t {}\n').status === 0))('is taken by nft', () => {
    expect(check(text).stderr.toString()).toBe('');
  });
});
