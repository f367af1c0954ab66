import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postern } from '../support/cli.ts';

const SITE = ['check', '--deployment', 'fixtures/sites/x-road/site.yaml'];

describe('check --format html', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-html-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('writes the page with its detail, which the JSON beside it does not have', () => {
    const [page, json] = [join(folder, 'report.html'), join(folder, 'report.json')];
    const both = postern([...SITE, '--format', `html=${page}`, '--format', `json=${json}`]);
    expect([both.status, both.stdout]).toEqual([1, '']);
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).toContain('27 rules: 26 in use, 1 shadowed.');
    expect(text).toMatch(/<\/html>\n$/);
    expect(readFileSync(json, 'utf8')).toBe(postern([...SITE, '--format', 'json']).stdout);
  });

  it('writes the same bytes to standard output, and nothing where the job could not be done', () => {
    const page = join(folder, 'again.html');
    const first = postern([...SITE, '--format', 'html']);
    expect(first.status).toBe(1);
    postern([...SITE, '--format', `html=${page}`]);
    expect(readFileSync(page, 'utf8')).toBe(first.stdout);
    const none = join(folder, 'none.html');
    const broken = postern([
      'check',
      'package.json',
      '--baseline',
      'host-essentials',
      '--format',
      `html=${none}`,
    ]);
    expect([broken.status, broken.stdout]).toEqual([2, '']);
    expect(() => readFileSync(none)).toThrow('ENOENT');
  });
});
