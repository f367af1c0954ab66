import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipsetReader } from '../../../src/formats/ipset/index.ts';
import type { NamedSet } from '../../../src/rule/ruleset.ts';
import { setCondition } from '../../../src/rule/set-condition.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { holds } from '../../rule/evaluate.ts';
import { probeDirections, probesOf } from './probes.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/ipset');
const NAMESPACE = `postern-ipset-${process.pid}`;
const UNKNOWN = 'asks an opaque predicate';

/**
 * `names`: the name has a blank, which `ipset save` prints and `ipset restore` does not take back. `old-options`: the
 * warning about them ends ipset 7's reading.
 */
const NOT_SAVED = new Set(['names', 'old-options']);
/** Loaded by the real tool, and refused here: names that the host would resolve, and files with nothing in them. */
const STRICTER = new Set(
  [
    'shortened-address',
    'octal-address',
    'port-name',
    'truncated',
    'empty',
    'comments-only',
    'command-list',
    'command-test',
    'binary',
  ].map((name) => `error-${name}`),
);

function run(
  command: string,
  args: readonly string[],
  input?: string,
): { status: number; stdout: string; stderr: string } {
  const result = spawnSync('ip', ['netns', 'exec', NAMESPACE, command, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** Whether this process may make network namespaces and has ipset. */
function hasKernel(): boolean {
  if (process.getuid?.() !== 0) return false;
  const made = spawnSync('ip', ['netns', 'add', `${NAMESPACE}-probe`]);
  if (made.status !== 0) return false;
  const listed = spawnSync('ip', ['netns', 'exec', `${NAMESPACE}-probe`, 'ipset', 'list']);
  spawnSync('ip', ['netns', 'del', `${NAMESPACE}-probe`]);
  return listed.status === 0;
}

const KERNEL = hasKernel();

function fresh(): void {
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  execFileSync('ip', ['netns', 'add', NAMESPACE]);
}

function read(text: string): ReadonlyMap<string, NamedSet> {
  const result = ipsetReader.read(new SourceFile('input.ipset', text), 'ipset-save', 'x');
  if (!result.ok) throw new Error(result.errors[0]?.message);
  return new Map(result.value.sets.map((set) => [set.name, set]));
}

/** What the kernel says about entries of a set, in order. */
function ask(set: string, entries: readonly string[]): boolean[] {
  const script = entries.map((entry) => `ipset -q test '${set}' '${entry}'; echo $?`).join('\n');
  return run('sh', [], script)
    .stdout.trim()
    .split('\n')
    .map((status) => status === '0');
}

function answer(
  set: NamedSet,
  sets: ReadonlyMap<string, NamedSet>,
  packet: Parameters<typeof holds>[1],
): boolean | string {
  try {
    return holds(setCondition(set, sets, probeDirections(set), false), packet);
  } catch {
    return UNKNOWN;
  }
}

const cases = readdirSync(ROOT).sort();

describe.skipIf(!KERNEL)('ipset against the kernel (root, ipset and network namespaces)', () => {
  beforeAll(fresh);
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', NAMESPACE]);
  });

  it.for(cases.filter((name) => !name.startsWith('error-') && !NOT_SAVED.has(name)))(
    '%s',
    (name, { skip }) => {
      fresh();
      const text = readFileSync(join(ROOT, name, 'input.ipset'), 'utf8');
      const loaded = run('ipset', ['-exist', 'restore'], text);
      if (loaded.stderr.includes('set type not supported')) skip('this kernel was built without the type');
      if (name === 'more-than-maxelem') expect(loaded.stderr).toContain('Hash is full');
      else expect(loaded.stderr.trim()).toBe('');
      const ours = read(text);
      const saved = read(run('ipset', ['save']).stdout);
      expect([...saved.keys()].sort()).toEqual([...ours.keys()].sort());
      for (const [setName, set] of ours) {
        if (set.type === 'list:set' || name === 'more-than-maxelem') continue;
        const kernels = saved.get(setName) as NamedSet;
        expect(kernels.type).toBe(set.type);
        const probes = probesOf([set, kernels], 250);
        const real = ask(
          setName,
          probes.map(({ entry }) => entry),
        );
        for (const [at, { packet, entry }] of probes.entries()) {
          const mine = answer(set, ours, packet);
          expect([entry, answer(kernels, saved, packet)]).toEqual([entry, mine]);
          // Asked for the null MAC, `ipset test` compares it; the kernel gives up on a packet that has it.
          if (mine !== UNKNOWN && packet.mac !== 0)
            expect([setName, entry, mine]).toEqual([setName, entry, real[at]]);
        }
      }
    },
  );

  it.each(cases.filter((name) => name.startsWith('error-') && !STRICTER.has(name)))(
    '%s is refused there too',
    (name) => {
      fresh();
      const loaded = run('ipset', ['restore'], readFileSync(join(ROOT, name, 'input.ipset'), 'utf8'));
      expect(loaded.status).not.toBe(0);
    },
  );
});
