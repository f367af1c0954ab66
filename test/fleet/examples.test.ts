import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { bundlePath, postern } from '../support/cli.ts';
import { writeTestSite } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-examples-'));
const home = join(folder, 'site');
const programs = join(folder, 'bin');
/** What the examples have in the place of the package's real one. */
const PACKAGE = 'git+https://git.example.com/postern.git#v0.1.0';
let whole = '';

beforeAll(() => {
  writeTestSite(home, 6);
  mkdirSync(programs);
  // `postern` and `npm install --global`, as a machine that has it would have them.
  program('postern', `exec ${process.execPath} ${bundlePath()} "$@"`);
  program('npm', `test "$*" = "install --global ${PACKAGE}"`);
  whole = postern(['check', '-d', 'site.yaml', '--format', 'json'], { cwd: home }).stdout;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(programs, name), 0o755);
}

/** Runs a script of an example as its engine would, beside the site. */
function run(
  script: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): number | null {
  const { status, stderr } = spawnSync('sh', ['-euc', script, 'sh', ...args], {
    cwd: home,
    env: { PATH: `${programs}:${process.env.PATH}`, POSTERN_PACKAGE: PACKAGE, ...env },
    encoding: 'utf8',
  });
  expect(stderr).not.toContain('usage');
  return status;
}

const read = (name: string): string => readFileSync(resolve('examples', name), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: files of others' shapes
const documents = (name: string): any[] => parseAllDocuments(read(name)).map((document) => document.toJS());

describe('examples run as they stand', () => {
  it('Slurm: an array of two, and the merge', () => {
    for (const id of ['1', '2'])
      expect(run(read('slurm.sh'), { SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: '2' })).toBe(0);
    expect(run(read('slurm.sh'), {}, ['merge'])).toBe(1);
    expect(readFileSync(join(home, 'report.json'), 'utf8')).toBe(whole);
    rmSync(join(home, 'parts'), { recursive: true });
  });

  it('GitLab: parallel, and the merge', () => {
    const [ci] = documents('gitlab-ci.yml');
    expect(ci.part.parallel).toBeGreaterThan(1);
    expect(ci.variables).toEqual({ POSTERN_PACKAGE: PACKAGE });
    const script = [...ci.default.before_script, ...ci.part.script].join('\n');
    // GitLab numbers the jobs, whatever their number; two show it.
    for (const index of ['1', '2']) expect(run(script, { CI_NODE_INDEX: index, CI_NODE_TOTAL: '2' })).toBe(0);
    expect(run(ci.report.script.join('\n'), {})).toBe(1);
    expect(JSON.parse(readFileSync(join(home, 'code-quality.json'), 'utf8')).length).toBeGreaterThan(0);
    rmSync(join(home, 'parts'), { recursive: true });
  });

  it('GitHub Actions: a matrix, and the merge', () => {
    const [{ jobs, env }] = documents('github-actions.yml');
    expect(env).toEqual({ POSTERN_PACKAGE: PACKAGE });
    const { part: all } = jobs.part.strategy.matrix;
    expect(all).toEqual(Array.from({ length: all.length }, (_, i) => i + 1));
    // As the matrix would be with the first two of them.
    const parts = all.slice(0, 2);
    const script = jobs.part.steps.flatMap(({ run: text }: { run?: string }) => text ?? []).join('\n');
    mkdirSync(join(home, 'parts'));
    for (const part of parts) {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders
      const filled = script
        .replaceAll('${{ matrix.part }}', part)
        .replaceAll('${{ strategy.job-total }}', parts.length);
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders
      expect(run(`${filled}\nmv part-${part}.blob parts/`, {})).toBe(0);
    }
    expect(
      run(jobs.report.steps.flatMap(({ run: text }: { run?: string }) => text ?? []).join('\n'), {}),
    ).toBe(1);
    expect(readFileSync(join(home, 'report.json'), 'utf8')).toBe(whole);
    rmSync(join(home, 'parts'), { recursive: true });
  });

  it('Kubernetes: an Indexed Job, and the merge', () => {
    const [part, merge] = documents('kubernetes.yaml');
    const { completions, template } = part.spec;
    const [{ args, env }] = template.spec.containers;
    const from = { name: 'POSTERN_PACKAGE', value: PACKAGE };
    const [of] = env;
    expect(env).toEqual([of, { name: 'PARTS', value: String(completions) }, from]);
    expect(merge.spec.template.spec.containers[0].env).toEqual([of, from]);
    expect(of.name).toBe('RUN');
    const fleet = join(folder, 'fleet');
    writeTestSite(join(fleet, 'site'), 6);
    const there = (text: string): string => text.replaceAll('/fleet/', `${fleet}/`);
    const indexed = (index: string) =>
      run(there(args[0]), { JOB_COMPLETION_INDEX: index, PARTS: '3', RUN: '1' });
    const merged = (of: string) => run(there(merging[0]), { RUN: of });
    const [{ args: merging }] = merge.spec.template.spec.containers;
    // A Job of three: the first, the last, and a merge while one is still missing.
    for (const index of ['0', '2']) expect(indexed(index)).toBe(0);
    expect(merged('1')).toBe(1);
    expect(indexed('1')).toBe(0);
    expect(merged('1')).toBe(0);
    expect(JSON.parse(readFileSync(join(fleet, 'report.json'), 'utf8')).hosts).toHaveLength(6);
    // Parts of an earlier run stay on the volume; the next one does not take them.
    expect(merged('2')).toBe(1);
  });
});
