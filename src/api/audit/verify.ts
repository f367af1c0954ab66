import { failure, type Result, success } from '../../text/diagnostic.ts';
import { jsonText } from '../../report/json-text.ts';
import { foldedText } from '../../report/wrap.ts';
import { type Printable, readBaseline } from '../baselines.ts';
import { decode, type InputFile, sha256 } from '../input.ts';

/** A comparison that found something, or did not. */
export interface Compared extends Printable {
  /** Whether there is a difference. */
  readonly differs: boolean;
}

/**
 * Compares a baseline, shipped or in a file, with the page that it comes from as it is today.
 *
 * Fails where one of the two cannot be read, and where the baseline carries nothing of a document to compare.
 */
export async function verify(named: string | InputFile, page: InputFile): Promise<Result<Compared>> {
  const baseline = readBaseline(named);
  if (!baseline.ok) return baseline;
  const decoded = decode(page);
  if (!decoded.ok) return decoded;
  const { id, rows } = baseline.value;
  if (!rows.some(({ digest, cells }) => digest !== undefined || Object.keys(cells).length > 0))
    return failure({
      severity: 'error',
      code: 'nothing-to-verify',
      message: `the rows of \`${id}\` carry neither cells nor digests of a document`,
      path: baseline.value.source.path,
    });
  // The parsers of pages are large, and nothing else needs them.
  const { readDocument } = await import('../../document/read-document.ts');
  const document = readDocument(decoded.value.source);
  if (!document.ok) return document;
  const [{ compareWithDocument, hasDrift }, { driftLines }, { driftJson }] = await Promise.all([
    import('../../drift/verify.ts'),
    import('../../drift/verify-text.ts'),
    import('../../drift/verify-json.ts'),
  ]);
  const drift = compareWithDocument(baseline.value, document.value);
  return success(
    {
      differs: hasDrift(drift),
      text: (width) => foldedText(driftLines(baseline.value, page.path, drift), width),
      json: () => jsonText(driftJson(baseline.value, document.value, sha256(page.bytes), drift)),
    },
    document.warnings,
  );
}
