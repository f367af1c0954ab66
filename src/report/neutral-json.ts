import { visible } from './visible.ts';

/** What in a JSON text is, or may stand for, a character that {@link visible} replaces. */
const SUSPECT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\\[ubfnrt]/u;

/**
 * A value as one line of JSON in which other people's text is made visible: formats that go to other programs are shown by
 * them, and not every one of those is careful with control characters, reordering, or half a surrogate pair. The JSON report
 * alone keeps such text as it is, escaped.
 */
export function neutralLine(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  if (!SUSPECT.test(json)) return json;
  return (
    JSON.stringify(value, (_key, inner) => (typeof inner === 'string' ? visible(inner) : inner)) ?? 'null'
  );
}
