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
  // As `npm install --prefix <folder>`, which leaves the program in the folder. With `--global` npm 11 and older run a git
  // package's `prepare` without what it needs (https://github.com/npm/cli/issues/8440).
  program('program', `exec ${process.execPath} ${bundlePath()} "$@"`);
  program(
    'npm',
    `test "$1 $2 $4" = "install --prefix ${PACKAGE}"
     mkdir -p "$3/node_modules/.bin"
     cp ${join(programs, 'program')} "$3/node_modules/.bin/postern"`,
  );
  whole = postern(['check', '-d', 'site.yaml', '--format', 'json'], { cwd: home }).stdout;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh -e\n${body}\n`);
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
    env: {
      PATH: `${programs}:${process.env.PATH}`,
      POSTERN_PACKAGE: PACKAGE,
      RUNNER_TEMP: folder,
      GITHUB_PATH: join(folder, 'path'),
      ...env,
    },
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
    // It asks for `postern` on the PATH.
    program('postern', `exec ${join(programs, 'program')} "$@"`);
    for (const id of ['1', '2'])
      expect(run(read('slurm.sh'), { SLURM_ARRAY_TASK_ID: id, SLURM_ARRAY_TASK_COUNT: '2' })).toBe(0);
    expect(run(read('slurm.sh'), {}, ['merge'])).toBe(1);
    expect(readFileSync(join(home, 'report.json'), 'utf8')).toBe(whole);
    rmSync(join(home, 'parts'), { recursive: true });
    rmSync(join(programs, 'postern'));
  });

  it('GitLab: parallel, and the merge', () => {
    const [ci] = documents('gitlab-ci.yml');
    expect(ci.part.parallel).toBeGreaterThan(1);
    expect(ci.variables).toEqual({ POSTERN_PACKAGE: PACKAGE });
    const job = (lines: readonly string[]): string => [...ci.default.before_script, ...lines].join('\n');
    const script = job(ci.part.script);
    // GitLab numbers the jobs, whatever their number; two show it.
    for (const index of ['1', '2']) expect(run(script, { CI_NODE_INDEX: index, CI_NODE_TOTAL: '2' })).toBe(0);
    expect(run(job(ci.report.script), {})).toBe(1);
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
    // A later step has the folders that an earlier one wrote to the file GITHUB_PATH.
    const steps = (job: { steps: readonly { run?: string }[] }): string =>
      job.steps.flatMap(({ run: text }) => text ?? []).join('\nPATH="$(tail -n 1 "$GITHUB_PATH"):$PATH"\n');
    const script = steps(jobs.part);
    mkdirSync(join(home, 'parts'));
    for (const part of parts) {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders
      const filled = script
        .replaceAll('${{ matrix.part }}', part)
        .replaceAll('${{ strategy.job-total }}', parts.length);
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders
      expect(run(`${filled}\nmv part-${part}.blob parts/`, {})).toBe(0);
    }
    expect(run(steps(jobs.report), {})).toBe(1);
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
