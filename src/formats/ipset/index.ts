import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ConfigPart, FormatReader, InputFormat } from '../reader.ts';
import { readStatements } from './build.ts';
import { Restorer } from './restore.ts';

/** How far into a file its format shows. */
const HEAD = 8192;

const CREATE =
  /^[ \t]*(?:(?:-!|-exist)[ \t]+)?(?:create|-N|--create|n|new)[ \t]+(?:(?:-!|-exist)[ \t]+)?\S+[ \t]+(?:(?:bitmap|hash|list):\w|(?:ip|net|ipport|ipportip|ipportnet)hash\b|(?:ip|macip|port)map\b|setlist\b)/m;
/** Elements alone, with the sets created elsewhere: reading then says which set is missing. */
const ADD =
  /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:add|-A)[ \t]+\S+[ \t]+(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]+)(?:[/,-]\S+)?[ \t]*(?:\r?\n|$)/;

/** `ipset save`, and what people hand to `ipset restore` (`ipset(8)`). */
export const ipsetReader: FormatReader = {
  formats: ['ipset-save'],
  detect(source: SourceFile): InputFormat | undefined {
    const head = source.text.slice(0, HEAD);
    return CREATE.test(head) || ADD.test(head) ? 'ipset-save' : undefined;
  },
  read: readIpset,
};

function readIpset(source: SourceFile): Result<ConfigPart> {
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
  return success(
    { format: 'ipset-save', source, chains: [], sets: end.sets, families: [], coverage: end.coverage },
    warnings,
  );
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
