import { createHash } from 'node:crypto';

/**
 * The digest of a document's row: SHA-256 over the JSON array of the texts of all its cells, in the document's order,
 * notes and descriptions too. Each text is taken as the document's source has it, with runs of white space as one
 * space and none at its ends, because tables are padded and padding is no change.
 *
 * @returns 64 hexadecimal digits
 */
export function rowDigest(cells: readonly string[]): string {
  return sha256(JSON.stringify(cells.map((cell) => cell.replace(/\s+/g, ' ').trim())));
}

/** The digest of all rows: SHA-256 over their digests in order, each followed by a line feed. */
export function documentDigest(rowDigests: readonly string[]): string {
  return sha256(rowDigests.map((digest) => `${digest}\n`).join(''));
}

/** Hex SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
