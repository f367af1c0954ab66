import { join } from 'node:path';
import type { Baseline } from '../../src/baseline/baseline.ts';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import { importBaseline } from '../../src/api/import.ts';
import type { Result } from '../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../src/text/source.ts';
import { root, unwrap } from '../baseline/support.ts';

export const fixtures = join(root, 'fixtures', 'document');

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** The draft of a document, loaded again as any baseline is. */
export function draftFrom(text: string, name = 'page.md'): Baseline {
  return unwrap(loadBaseline(new SourceFile('draft.yaml', yamlFrom(text, name))));
}

export function yamlFrom(text: string, name = 'page.md'): string {
  return unwrap(importBaseline({ path: name, bytes: bytes(text) })).yaml;
}

/** What was said about a document that cannot be imported: `page.md:3:5 code`. */
export function refusals(text: string, name = 'page.md'): string[] {
  return complaints(importBaseline({ path: name, bytes: bytes(text) }));
}

function complaints(result: Result<unknown>): string[] {
  if (result.ok) return [];
  return result.errors.map((e) => `${e.span === undefined ? (e.path ?? '') : formatPlace(e.span)} ${e.code}`);
}
