import { type Diagnostic, placed } from '../../text/diagnostic.ts';

/** A file that a document names and that is not among the files given. */
export function notGiven(path: string, span: Diagnostic['span']): Diagnostic {
  const message = `the file \`${path}\` was not given`;
  return placed({ severity: 'error', code: 'missing-file', message }, span);
}
