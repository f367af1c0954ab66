import { loadBaseline } from '../baseline/load-baseline.ts';
import { documentLines, lineDigest } from '../drift/lines.ts';
import { type DraftOptions, draftOf } from '../document/draft.ts';
import { draftText } from '../document/draft-text.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { SourceFile } from '../text/source.ts';
import { readDocument } from './document.ts';
import type { InputFile } from './input.ts';

export type { DraftOptions };

/** A draft baseline, ready to be written. */
export interface ImportedBaseline {
  /** YAML that `loadBaseline` accepts. */
  readonly yaml: string;
  readonly tables: number;
  readonly rows: number;
  /** Rows with a `review` mark. */
  readonly marked: number;
}

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * A draft baseline from a vendor's page: every row of every table of connections. Errors have line and column. Warnings
 * tell what of the document was left out.
 */
export function importBaseline(
  file: InputFile,
  options: Omit<DraftOptions, 'lines'> = {},
): Result<ImportedBaseline> {
  const wrong = optionErrors(options);
  if (wrong.length > 0) return failure(...wrong);
  const document = readDocument(file.bytes, file.path);
  if (!document.ok) return document;
  const lines = documentLines(document.value).map(({ text }) => lineDigest(text));
  const draft = draftOf(document.value, { ...options, lines });
  if (!draft.ok) return draft;
  const yaml = draftText(draft.value);
  // What would not validate is not handed out.
  const loaded = loadBaseline(new SourceFile('the draft', yaml));
  if (!loaded.ok) return failure(unusable(file.path), ...loaded.errors);
  const { rows, marked } = draft.value;
  const { tables, others, loose } = document.value;
  const warnings: Diagnostic[] = [
    ...document.warnings,
    ...others.map(
      ({ headings, span }): Diagnostic => ({
        severity: 'warning',
        code: 'other-table',
        message: `This table was left out: its headings (\`${headings.join(' | ').slice(0, 100)}\`) are not those of connections.`,
        span,
      }),
    ),
    ...(loose[0] === undefined ? [] : [looseLines(loose[0], loose.length)]),
  ];
  return success({ yaml, tables: tables.length, rows, marked }, warnings);
}

function optionErrors({ id, title }: DraftOptions): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (id !== undefined && (!ID.test(id) || id.length > 100))
    found.push({
      severity: 'error',
      code: 'usage',
      message: `\`${id.slice(0, 60)}\` cannot be the id of a baseline.`,
      expected: 'a name in kebab-case: lower-case letters, digits and single hyphens, up to 100',
    });
  if (title?.trim() === '')
    found.push({ severity: 'error', code: 'usage', message: 'The title is empty.', expected: 'a text' });
  return found;
}

function looseLines(span: NonNullable<Diagnostic['span']>, count: number): Diagnostic {
  return {
    severity: 'warning',
    code: 'loose-lines',
    message: `${count === 1 ? 'One line' : `${count} lines`} outside of tables, the first here, ${count === 1 ? 'looks like a connection and was' : 'look like connections and were'} not read.`,
    span,
    help: 'The draft lists them under its own `review`; add a row for each that the tables do not have.',
  };
}

function unusable(path: string): Diagnostic {
  return {
    severity: 'error',
    code: 'unusable-draft',
    message: 'No draft that validates can be made from this document.',
    path,
    help: 'Save only the part with the tables.',
  };
}
