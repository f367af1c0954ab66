import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { SourceFile } from '../../text/source.ts';
import type { InputFile } from '../input.ts';
import { exportFormat } from '../host/readers.ts';

/** An empty list is no longer than this. */
const SHORT = 64;
const EMPTY = /^\uFEFF?\s*\[\s*\]\s*$/;

/** Whether a file is what the providers' commands print where there is nothing, such as no policy and no interface. */
function isEmptyList({ bytes, format }: InputFile): boolean {
  return format === undefined && bytes.length <= SHORT && EMPTY.test(Buffer.from(bytes).toString());
}

/** Files of one host, where an empty list beside exports of a cloud is taken for another of these. */
export function withEmptyLists(files: readonly InputFile[]): readonly InputFile[] {
  if (!files.some(isEmptyList)) return files;
  const format = files.map((file) => exportFormat(file)).find((one) => one !== undefined);
  if (format === undefined) return files;
  return files.map((file) => (isEmptyList(file) ? { ...file, format } : file));
}

/** What is told of an empty list. */
export function emptyListNote(source: SourceFile): CoverageEntry[] {
  if (source.text.length > SHORT || !EMPTY.test(source.text)) return [];
  const reason =
    'the list is empty, and does not say of what; what it would have had is taken not to be there';
  return [{ span: { file: source, start: 0, end: source.text.length }, status: 'ignored', reason }];
}
