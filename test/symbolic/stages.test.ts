import { describe, expect, it } from 'vitest';
import { stagesOf } from '../../src/symbolic/stages.ts';
import { chain } from '../support/rules.ts';

const names = (chains: Parameters<typeof stagesOf>[0], family: 4 | 6 = 4): string[] =>
  stagesOf(chains, 'prerouting', family).map((stage) => stage.chain.table);

const at = (table: string, priority: number, sequence: number, type: 'filter' | 'nat' = 'filter') =>
  chain('c', [], { table, hook: 'prerouting', priority, sequence, type });

describe('the order of base chains', () => {
  it('is that of their priorities', () =>
    expect(names([at('filter', 0, 0), at('raw', -300, 1), at('mangle', -150, 2)])).toEqual([
      'raw',
      'mangle',
      'filter',
    ]));

  it('puts the last registered first among equals', () =>
    expect(names([at('a', 0, 0), at('b', 0, 2), at('c', 0, 1)])).toEqual(['b', 'c', 'a']));

  it('runs nat chains at their hook, whatever their own priority', () =>
    expect(names([at('nat', 50, 0, 'nat'), at('before', -101, 1), at('after', -99, 2)])).toEqual([
      'before',
      'nat',
      'after',
    ]));

  it('registers NAT with the first nat chain of the family', () => {
    const nat = [at('nat1', -100, 0, 'nat'), at('nat2', -110, 5, 'nat')];
    expect(names([...nat, at('filter', -100, 3)])).toEqual(['filter', 'nat2', 'nat1']);
    const only6 = chain('c', [], {
      table: 'six',
      hook: 'output',
      type: 'nat',
      sequence: 0,
      families: [6],
    });
    const later = [at('nat', -100, 5, 'nat'), at('filter', -100, 3), only6];
    expect(names(later, 4)).toEqual(['nat', 'filter']);
    expect(names(later, 6)).toEqual(['filter', 'nat']);
  });

  it('tells what connection tracking has seen', () =>
    expect(
      stagesOf([at('raw', -300, 0), at('late', -200, 0)], 'prerouting', 4).map(({ tracked }) => tracked),
    ).toEqual([false, true]));
});
