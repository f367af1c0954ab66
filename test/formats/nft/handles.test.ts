import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { inNamespace, KERNEL } from './kernel.ts';

const FILE = join(import.meta.dirname, '../../../fixtures/nft/handles/ruleset.nft');
/** The script without what it does by numbers. */
const SCRIPT = readFileSync(FILE, 'utf8').replaceAll(/^.* handle \d+.*\n/gm, '');

/** The rules that are left when a line is added, as the lines that they stand in. */
function linesOf(script: string): readonly number[] | string {
  const source = new SourceFile('x.nft', script);
  const result = nftReader.read(source, 'nft', 'host');
  if (!result.ok) return result.errors.map(({ message }) => message).join();
  return result.value.chains.flatMap(({ rules }) =>
    rules.map(({ origin }) => source.position(origin.start).line),
  );
}

describe.skipIf(!KERNEL)('numbers of what a script makes', () => {
  it('are the kernel’s', () => {
    const { stdout } = inNamespace('nft -f - && nft -a list ruleset', SCRIPT);
    const all = linesOf(SCRIPT);
    let chain = '';
    let asked = 0;
    for (const line of stdout.split('\n')) {
      chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
      const number = /^\t\t\S.* # handle (\d+)$/.exec(line)?.[1];
      if (number === undefined) continue;
      asked++;
      const less = linesOf(`${SCRIPT}delete rule inet t ${chain} handle ${number}\n`);
      expect(typeof less === 'string' ? less : less.length, line).toBeLessThan(all.length);
    }
    expect(asked).toBeGreaterThan(20);
  });

  it('are of nothing else', () => {
    for (const [chain, number] of [
      ['a', 1],
      ['a', 999],
      ['b', 7],
    ]) {
      const script = `${SCRIPT}delete rule inet t ${chain} handle ${number}\n`;
      expect(inNamespace('nft -c -f -', script).status).not.toBe(0);
      expect(linesOf(script)).toBe(`the chain \`${chain}\` has no rule with the handle ${number}`);
    }
  });
});
