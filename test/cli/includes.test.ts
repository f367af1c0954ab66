import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { includesOf } from '../../src/api/host/includes.ts';
import { gatherIncludes } from '../../src/cli/includes.ts';
import { nftReader } from '../../src/formats/nft/index.ts';
import { SourceFile, spanText } from '../../src/text/source.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-includes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** What reading `site/main.nft` gives: the rules with their places, or the errors; and what was read. */
async function read(limit = 1_000_000) {
  const path = join(folder, 'site/main.nft');
  const bytes = readFileSync(path);
  const file = { path, bytes };
  const included = await gatherIncludes(file, limit);
  const { include, inputs } = includesOf({ ...file, included }, 'nft');
  const result = nftReader.read(new SourceFile(path, bytes.toString('utf8')), 'nft', 'nft', include);
  const short = (name: string): string => name.slice(folder.length + 1);
  return {
    errors: result.ok
      ? []
      : result.errors.map(
          ({ code, span }) =>
            `${code} ${short(span?.file.path ?? '')}:${span?.file.position(span.start).line}`,
        ),
    rules: result.ok
      ? result.value.chains.flatMap(({ rules }) =>
          rules.map(
            ({ origin }) =>
              `${short(origin.file.path)}:${origin.file.position(origin.start).line} ${spanText(origin).trim()}`,
          ),
        )
      : [],
    inputs: inputs.map(({ path: name, sha256 }) => `${short(name)} ${sha256.length}`),
  };
}

const TABLE = 'table ip t {\nchain c {\ninclude "rules/*.nft"\n}\n}\n';

describe('include', () => {
  it('is known by itself, as in the file that a distribution starts from', () => {
    const of = (text: string) => nftReader.detect(new SourceFile('main', text));
    expect(of('# Uncomment this\ninclude "/etc/nftables/main.nft"\n')).toBe('nft');
    expect(of('include: "a"\n')).toBeUndefined();
  });

  it('reads files in the order of their names, in the scope of the block, each with its own place', async () => {
    write({
      'site/main.nft': `include "./vars"\n${TABLE}`,
      'site/vars': 'define ports = { 22, 80 }\n',
      'site/rules/b.nft': '\ntcp dport $ports accept\n',
      'site/rules/a.nft': 'include "../more/c"\n',
      'site/rules/.hidden.nft': 'drop\n',
      'site/rules/other.txt': 'drop\n',
      'site/more/c': 'ip saddr 10.0.0.0/8 drop\n',
    });
    const { errors, rules, inputs } = await read();
    expect(errors).toEqual([]);
    expect(rules).toEqual([
      'site/more/c:1 ip saddr 10.0.0.0/8 drop',
      'site/rules/b.nft:2 tcp dport $ports accept',
    ]);
    expect(inputs).toEqual(['site/vars 64', 'site/rules/a.nft 64', 'site/rules/b.nft 64', 'site/more/c 64']);
  });

  it('takes an absolute path inside the folder, and a pattern that nothing matches', async () => {
    write({
      'site/main.nft': `include "${join(folder, 'site/one')}"\n${TABLE}`,
      'site/one': 'table ip o {\nchain c {\naccept\n}\n}\n',
    });
    const { errors, rules } = await read();
    expect(errors).toEqual([]);
    expect(rules).toEqual(['site/one:3 accept']);
  });

  it.each([
    ['../outside', 'include-outside site/main.nft:1'],
    ['/etc/hostname', 'include-outside site/main.nft:1'],
    ['link', 'include-outside site/main.nft:1'],
    ['link*', 'include-outside site/main.nft:1'],
    ['folder/secret', 'include-outside site/main.nft:1'],
    ['absent', 'unreadable-input site/main.nft:1'],
    ['main.nft', 'include-loop site/main.nft:1'],
    ['again', 'include-loop site/again:1'],
    ['wrong', 'nft-syntax site/wrong:2'],
  ])('refuses %s', async (name, expected) => {
    write({
      'site/main.nft': `include "${name}"\ntable ip t {\n}\n`,
      'site/again': 'include "./again2"\n',
      'site/again2': 'include "again"\n',
      'site/wrong': 'table ip w {\n}}\n',
      outside: 'table ip x {\n}\n',
      'elsewhere/secret': 'table ip x {\n}\n',
    });
    symlinkSync(join(folder, 'outside'), join(folder, 'site/link'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'site/folder'));
    const { errors, inputs } = await read();
    expect(errors[0]?.replace('again2', 'again')).toBe(expected);
    expect(inputs.filter((input) => input.startsWith('outside') || input.startsWith('elsewhere'))).toEqual(
      [],
    );
  });

  it('is bounded: 16 files in each other, and the size of all of them', async () => {
    const chain = Object.fromEntries(
      [...Array(20).keys()].map((at) => [`site/f${at}`, `include "f${at + 1}"\n`]),
    );
    write({ ...chain, 'site/f20': '\n', 'site/main.nft': 'include "f0"\n' });
    expect((await read()).errors).toEqual(['too-many-includes site/f15:1']);
    write({ 'site/main.nft': 'include "big"\n', 'site/big': '#'.repeat(5000) });
    expect((await read(1000)).errors).toEqual(['unreadable-input site/main.nft:1']);
  });
});
