import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Baseline } from '../../src/baseline/baseline.ts';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import { loadDeployment } from '../../src/baseline/load-deployment.ts';
import { resolveHosts } from '../../src/baseline/resolve.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../src/text/source.ts';
import { fixtures } from './support.ts';

const folder = join(fixtures, 'errors');
const sample = loadBaseline(
  new SourceFile('sample.yaml', readFileSync(join(fixtures, 'sample', 'baseline.yaml'), 'utf8')),
);

/** Each folder has a broken `baseline.yaml` or `deployment.yaml` and `expected.txt`, what postern says about it. */
describe('broken baselines and deployments', () => {
  for (const name of readdirSync(folder).sort()) {
    it(name, () => {
      const text = complaints(join(folder, name)).map(render).join('\n');
      const expected = join(folder, name, 'expected.txt');
      if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, text);
      expect(text).not.toBe('');
      expect(text).toBe(readFileSync(expected, 'utf8'));
    });
  }
});

function complaints(directory: string): readonly Diagnostic[] {
  const baseline = join(directory, 'baseline.yaml');
  if (existsSync(baseline)) {
    const loaded = loadBaseline(new SourceFile('baseline.yaml', readFileSync(baseline, 'utf8')));
    return loaded.ok ? [] : loaded.errors;
  }
  const text = readFileSync(join(directory, 'deployment.yaml'), 'utf8');
  const deployment = loadDeployment(new SourceFile('deployment.yaml', text));
  if (!deployment.ok) return deployment.errors;
  const baselines = new Map<string, Baseline>(sample.ok ? [['sample.yaml', sample.value]] : []);
  const resolved = resolveHosts(deployment.value, baselines);
  return resolved.ok ? [] : resolved.errors;
}

function render(diagnostic: Diagnostic): string {
  const { severity, code, message, span, expected, help } = diagnostic;
  const lines = [`${span === undefined ? '?' : formatPlace(span)}: ${severity}: ${message} [${code}]`];
  if (span !== undefined) {
    const { line, column } = span.file.position(span.start);
    lines.push(`  ${span.file.lineText(line)}`);
    lines.push(
      `  ${' '.repeat(column - 1)}${'^'.repeat(Math.max(1, caretWidth(span.end - span.start, span.file.lineText(line).length - column + 1)))}`,
    );
  }
  if (expected !== undefined) lines.push(`  expected: ${expected}`);
  if (help !== undefined) lines.push(`  help: ${help}`);
  return `${lines.join('\n')}\n`;
}

function caretWidth(length: number, rest: number): number {
  return Math.min(length, rest);
}
