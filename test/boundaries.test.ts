import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CONFIG = '.dependency-cruiser.cjs';
const rules = (createRequire(import.meta.url)(`../${CONFIG}`) as { forbidden: Rule[] }).forbidden;

interface Rule {
  readonly name: string;
  readonly comment: string;
}

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: { readonly rule: { name: string }; readonly from: string; readonly to: string }[];
  };
}

async function cruise(folder: string, ...paths: string[]): Promise<Cruise> {
  const program = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', CONFIG, '--output-type', 'json', ...paths];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Cruise;
}

describe('the import boundaries', () => {
  it('hold', async () => {
    const { summary } = await cruise('.', 'src', 'grammars', 'test', 'bench');
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    expect(summary.totalCruised).toBeGreaterThan(50);
  });

  it('each say why', () => {
    for (const rule of rules) expect(rule.comment).toMatch(/^[A-Za-z].{20,}\.$/);
  });
});

/** For each rule a module that breaks it, and what it imports. */
const PLANTED: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'no-circular': ['src/text/one.ts', './two.ts'],
  resolvable: ['src/text/lost.ts', './nowhere.ts'],
  'grammar-is-syntax': ['grammars/a/parser.ts', '../../src/text/plain.ts'],
  'one-grammar-alone': ['grammars/a/tokens.ts', '../b/tokens.ts'],
  'text-is-the-ground': ['src/text/high.ts', '../rule/plain.ts'],
  'packet-is-plain': ['src/packet/high.ts', '../rule/plain.ts'],
  'ip-num-in-one-file': ['src/packet/other.ts', 'ip-num'],
  'rule-is-vendor-independent': ['src/rule/high.ts', '../symbolic/plain.ts'],
  'format-ends-at-the-rule-model': ['src/formats/a/high.ts', '../../symbolic/plain.ts'],
  'one-format-alone': ['src/formats/a/index.ts', '../b/plain.ts'],
  'json-with-places-in-one-file': ['src/formats/a/json.ts', 'jsonc-parser'],
  'symbolic-stands-alone': ['src/symbolic/high.ts', '../interpreter/plain.ts'],
  'interpreter-stands-alone': ['src/interpreter/high.ts', '../packet/plain.ts'],
  'trace-drives-the-interpreter': ['src/trace/high.ts', '../symbolic/plain.ts'],
  'baseline-is-the-document': ['src/baseline/high.ts', '../formats/a/plain.ts'],
  'document-is-what-is-written': ['src/document/high.ts', '../rule/plain.ts'],
  'drift-is-between-documents': ['src/drift/high.ts', '../symbolic/plain.ts'],
  'finding-is-types': ['src/finding/high.ts', '../rule/plain.ts'],
  'waiver-knows-no-packet-set': ['src/waiver/high.ts', '../compare/plain.ts'],
  'compare-sees-no-format': ['src/compare/high.ts', '../formats/a/plain.ts'],
  'report-is-pure': ['src/report/high.ts', 'node:fs'],
  'dagre-in-one-file': ['src/report/drawn.ts', '@dagrejs/dagre'],
  'api-has-no-command-line': ['src/rule/outer.ts', '../cli/plain.ts'],
  'cli-only-asks-the-api': ['src/cli/deep.ts', '../symbolic/plain.ts'],
  'no-test-in-the-product': ['src/text/tested.ts', '../../test/plain.ts'],
};

describe('a planted violation', () => {
  let folder: string;
  let found: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-boundaries-'));
    await plant(folder);
    const { summary } = await cruise(folder, 'src', 'grammars', 'test');
    found = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('exists for every rule', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(rules.map((rule) => rule.name).sort());
  });

  it('of what the clouds share knowing one of them is caught', () => {
    expect(found).toContain('one-format-alone: src/formats/exports/partial.ts');
    expect(found).not.toContain('one-format-alone: src/formats/a/shared.ts');
  });

  it.each(Object.entries(PLANTED))('of %s is caught', (name, [from]) => {
    expect(found).toContain(`${name}: ${from}`);
  });
});

async function plant(folder: string): Promise<void> {
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const plain = 'text rule symbolic interpreter packet cli formats/a formats/b formats/exports'.split(' ');
  for (const name of plain) await write(`src/${name}/plain.ts`, 'export const plain = 1;\n');
  await write('test/plain.ts', 'export const plain = 1;\n');
  await write('grammars/b/tokens.ts', 'export const plain = 1;\n');
  await write('src/text/two.ts', "import { plain } from './one.ts';\nexport { plain };\n");
  const shared: Readonly<Record<string, readonly [from: string, to: string]>> = {
    up: ['src/formats/exports/partial.ts', '../a/plain.ts'],
    down: ['src/formats/a/shared.ts', '../exports/plain.ts'],
  };
  for (const [from, to] of Object.values({ ...PLANTED, ...shared })) {
    await write(from, `import * as plain from '${to}';\nexport { plain };\n`);
  }
  for (const name of [CONFIG, 'tsconfig.json', 'package.json']) await cp(name, join(folder, name));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
}
