import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What is said of a rule: nothing where it is read. */
function said(rule: string): string | undefined {
  const text = `table inet t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`;
  const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'nft');
  return result.ok ? undefined : [result.errors[0]?.message, result.errors[0]?.expected].join('; ');
}

// Few kernels of test machines have queues: the parser of nft is what is asked here (src/parser_bison.y, queue_stmt).
describe('queues', () => {
  it.each([
    'queue',
    'queue fanout',
    'queue bypass num 1',
    'queue bypass,fanout num 1-3',
    'queue fanout bypass num 1-3',
    'queue num 1-3 bypass fanout',
    'queue num 1 num 2-4 fanout',
    'queue flags bypass num 1',
    'queue flags bypass,fanout to 1-3',
    'queue to numgen inc mod 4',
    'queue flags bypass to oifname map { "lo" : 1 }',
  ])('%s', (rule) => {
    expect(said(rule)).toBeUndefined();
  });

  it.each([
    ['queue num 1-3 flags fanout', 'unexpected `flags`'],
    ['queue to 1-3 fanout', 'unexpected `fanout`'],
    ['queue fanout num 1', 'several queues'],
    ['queue flags fanout to numgen inc mod 4', 'several queues'],
    ['queue flags bypass', '`to` and the number of a queue'],
    ['queue num numgen inc mod 4', '`to` in place of `num`'],
    ['queue to 65536', '65536'],
  ])('%s is wrong', (rule, message) => {
    expect(said(rule)).toContain(message);
  });
});
