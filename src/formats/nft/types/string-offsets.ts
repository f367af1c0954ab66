/**
 * Where each character of a string of JSON stands in the file, and the end of the last one: a character may be written as
 * several (RFC 8259, section 7).
 * @param written the string as it is written, with its quotation marks
 * @param start the offset of the first quotation mark
 * @returns nothing where what is written is not that string
 */
export function stringOffsets(written: string, start: number, text: string): readonly number[] | undefined {
  if (!written.startsWith('"')) return undefined;
  const offsets: number[] = [];
  let at = 1;
  for (; at < written.length - 1 && offsets.length < text.length; ) {
    offsets.push(start + at);
    at += written[at] !== '\\' ? 1 : written[at + 1] === 'u' ? 6 : 2;
  }
  offsets.push(start + at);
  return offsets.length === text.length + 1 && at === written.length - 1 ? offsets : undefined;
}
