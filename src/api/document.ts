import type { Document } from '../document/document.ts';
import { readDocument as readText } from '../document/read-document.ts';
import { type Result, success } from '../text/diagnostic.ts';
import { decode } from './input.ts';
import { count } from '../report/wrap.ts';

export type { Document };

/**
 * A vendor's page from its bytes: its tables of connections, see `document/document.ts`. Errors have line and column.
 *
 * @param name the path as the user gave it; its ending tells the format where it can
 */
export function readDocument(bytes: Uint8Array, name: string): Result<Document> {
  const decoded = decode({ path: name, bytes });
  if (!decoded.ok) return decoded;
  const read = readText(decoded.value.source);
  if (!read.ok || decoded.value.coverage.length === 0) return read;
  const [first] = decoded.value.coverage;
  return success(read.value, [
    ...read.warnings,
    {
      severity: 'warning',
      code: 'not-utf8',
      message: `${count(decoded.value.coverage.length, 'line is', 'lines are')} not UTF-8; the document was read as Latin-1.`,
      ...(first === undefined ? {} : { span: first.span }),
      help: 'Save the document as UTF-8 if letters of it look wrong.',
    },
  ]);
}
