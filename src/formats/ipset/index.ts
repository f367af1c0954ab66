import type { CoverageEntry } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { warned } from '../../rule/warned.ts';
import type { ConfigPart, FormatReader } from '../reader.ts';
import { readStatements } from './build.ts';
import { detectSets } from './detect.ts';
import { Restorer } from './restore.ts';

/** `ipset save`, and what people hand to `ipset restore` (`ipset(8)`). */
export const ipsetReader: FormatReader = {
  formats: ['ipset-save'],
  detect: detectSets,
  read: readIpset,
};

function readIpset(source: SourceFile): Result<ConfigPart> {
  if (/^\s*$/.test(source.text)) return success({ ...noSets(source), coverage: [nothingSaid(source)] });
  const restorer = new Restorer(source);
  const error = readStatements(source, restorer.run);
  if (error !== undefined) return failure(error);
  if (restorer.count === 0)
    return failure({
      severity: 'error',
      code: 'empty-input',
      message: 'the file has no ipset command',
      span: { file: source, start: 0, end: 0 },
      expected: 'the output of `ipset save`, beginning with `create`',
    });
  const end = restorer.finish();
  if ('severity' in end) return failure(end);
  const warnings = source.text.endsWith('\n')
    ? restorer.warnings
    : [...restorer.warnings, unfinished(source)];
  const coverage = [...end.coverage, ...warnings.map(warned)];
  return success({ ...noSets(source), sets: end.sets, coverage }, warnings);
}

const noSets = (source: SourceFile) =>
  ({ format: 'ipset-save', source, chains: [], sets: [], families: [], coverage: [] }) as const;

/** Told, because the tool prints as little where it may not look. */
function nothingSaid(file: SourceFile): CoverageEntry {
  const reason = 'the file is empty, as `ipset save` prints it where there are no sets';
  return { span: { file, start: 0, end: 0 }, status: 'ignored', reason };
}

/** A cut address may still be an address: 10.0.0.12 becomes 10.0.0.1. */
function unfinished(source: SourceFile): Diagnostic {
  const start = source.text.lastIndexOf('\n') + 1;
  return {
    severity: 'warning',
    code: 'ipset-unfinished-line',
    message: 'the last line has no line break; the file may be cut off',
    span: { file: source, start, end: source.text.length },
    help: 'compare its end with the output of `ipset save`',
  };
}
