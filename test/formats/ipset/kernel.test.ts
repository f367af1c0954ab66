import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ipsetReader } from '../../../src/formats/ipset/index.ts';
import type { NamedSet } from '../../../src/rule/named-set.ts';
import { setCondition } from '../../../src/rule/set-condition.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { holds } from '../../rule/evaluate.ts';
import { probeDirections, probesOf } from './probes.ts';
import { orRequired } from '../../support/required.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/ipset');
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
    'comments-only',
    'command-list',
    'command-test',
    'binary',
  ].map((name) => `error-${name}`),
);

interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell's commands in a network namespace of their own, which goes away with them; `$1` is the file. */
function inNamespace(script: string, file: string): Said {
  const result = spawnSync('unshare', ['-n', 'sh', '-s', file], {
    input: script,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** Whether this process may make network namespaces and has ipset. */
const KERNEL = orRequired(process.getuid?.() === 0 && inNamespace('ipset list', '').status === 0);

function read(text: string): ReadonlyMap<string, NamedSet> {
  const result = ipsetReader.read(new SourceFile('input.ipset', text), 'ipset-save', 'x');
  if (!result.ok) throw new Error(result.errors[0]?.message);
  return new Map(result.value.sets.map((set) => [set.name, set]));
}

/** What the kernel says about entries of sets, in order: one process is asked all of them, and says a line to each. */
function ask(
  file: string,
  questions: readonly { readonly set: string; readonly entry: string }[],
): boolean[] {
  const lines = questions.map(({ set, entry }) => `test ${set} ${entry}`);
  const script = `ipset -exist restore <"$1" 2>/dev/null\nipset - <<'END' 2>&1 >/dev/null\n${lines.join('\n')}\nEND\n`;
  const said = inNamespace(script, file).stdout.trimEnd().split('\n');
  expect(said.length, said.join('\n')).toBe(questions.length);
  return said.map((line) => / is in set /.test(line));
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
  it.for(cases.filter((name) => !name.startsWith('error-') && !NOT_SAVED.has(name)))(
    '%s',
    (name, { skip }) => {
      const file = join(ROOT, name, 'input.ipset');
      const loaded = inNamespace('ipset -exist restore <"$1"; ipset save', file);
      if (loaded.stderr.includes('set type not supported')) skip('this kernel was built without the type');
      if (name === 'more-than-maxelem') expect(loaded.stderr).toContain('Hash is full');
      else expect(loaded.stderr.trim()).toBe('');
      const ours = read(readFileSync(file, 'utf8'));
      const saved = read(loaded.stdout);
      expect([...saved.keys()].sort()).toEqual([...ours.keys()].sort());
      if (name === 'more-than-maxelem') return;
      const asked = [...ours].flatMap(([setName, set]) => {
        if (set.type === 'list:set') return [];
        const kernels = saved.get(setName) as NamedSet;
        expect(kernels.type).toBe(set.type);
        return probesOf([set, kernels], 250).map((probe) => ({ ...probe, set: setName, kernels, own: set }));
      });
      if (asked.length === 0) return;
      const real = ask(file, asked);
      for (const [at, { packet, entry, set, own, kernels }] of asked.entries()) {
        const mine = answer(own, ours, packet);
        expect([entry, answer(kernels, saved, packet)]).toEqual([entry, mine]);
        // Asked for the null MAC, `ipset test` compares it; the kernel gives up on a packet that has it.
        if (mine !== UNKNOWN && packet.mac !== 0) expect([set, entry, mine]).toEqual([set, entry, real[at]]);
      }
    },
  );

  it.each(cases.filter((name) => name.startsWith('error-') && !STRICTER.has(name)))(
    '%s is refused there too',
    (name) => {
      const loaded = inNamespace('ipset restore <"$1"', join(ROOT, name, 'input.ipset'));
      expect(loaded.status).not.toBe(0);
    },
  );
});
