import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { Compiling } from '../../src/cli/compiling.ts';

/** What V8 is told while so many hosts are checked. */
function told(hosts: number, version: string, bytes = 1000): string[] {
  const flags: string[] = [];
  const compiling = new Compiling(bytes, (flag) => flags.push(flag), version);
  for (let i = 0; i < hosts; i++) compiling.host();
  compiling.done();
  return flags;
}

const LATER = ['--interrupt-budget=200000', '--max-inlined-bytecode-size-cumulative=200'];
const USUAL = ['--interrupt-budget=67584', '--max-inlined-bytecode-size-cumulative=920'];

it('lets V8 compile later while few hosts are checked, and as usual then', () => {
  expect(told(1, '11.3.244.8-node.38')).toEqual([...LATER, ...USUAL]);
  expect(told(4, '11.3.244.8-node.38')).toEqual([...LATER, ...USUAL]);
});

it('lets V8 compile as usual from the fifth host on', () => {
  expect(told(9, '11.3.244.8-node.38')).toEqual([...LATER, ...USUAL, ...USUAL]);
});

it('lets V8 put as much into functions as usual where configs are large', () => {
  expect(told(1, '11.3.244.8-node.38', 9_000_000)).toEqual([LATER[0], USUAL[1], ...USUAL]);
});

it('tells V8 nothing where no host is checked, and a V8 that it does not know nothing at all', () => {
  expect(told(0, '11.3.244.8-node.38')).toEqual([]);
  expect(told(9, '12.4.254.21-node.33')).toEqual([]);
});

it.skipIf(!process.versions.v8.startsWith('11.3.'))("knows V8's own settings", () => {
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  for (const flag of USUAL) expect(stdout).toContain(`default: ${flag}\n`);
});
