import type { Diagnostic } from '../text/diagnostic.ts';
import type { Span } from '../text/source.ts';

/** An error diagnostic; parts that are undefined are left out. */
export function complaint(parts: {
  code: string;
  message: string;
  span: Span;
  expected?: string | undefined;
  help?: string | undefined;
}): Diagnostic {
  return {
    severity: 'error',
    code: parts.code,
    message: parts.message,
    span: parts.span,
    ...(parts.expected === undefined ? {} : { expected: parts.expected }),
    ...(parts.help === undefined ? {} : { help: parts.help }),
  };
}

/** A value in words, short. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'An empty value';
  if (value === '') return 'An empty text';
  if (Array.isArray(value)) return 'A list';
  return typeof value === 'object' ? 'A map' : `\`${clip(String(value))}\``;
}

/** A text of somebody else's, no longer than a line has room for. */
export function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
