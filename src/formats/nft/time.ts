import type { Cursor } from './cursor.ts';

/** `1d2h3m4s5ms`, or a number of seconds; also in quotation marks. */
export function readTime(cursor: Cursor): void {
  const atom = cursor.peek();
  const text = atom?.kind === 'word' || atom?.kind === 'quoted' ? atom.text : '';
  if (/^(?:\d+|(?=\d)(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/.test(text)) cursor.next();
  else cursor.fail('a time such as `1d2h3m4s`');
}
