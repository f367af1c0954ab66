import type { Cursor } from './cursor.ts';

/**
 * Words that are none of an object's names behind the word for its kind, where nft's scanner has more words (its start
 * conditions in src/scanner.l).
 */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  counter: ['name', 'packets', 'bytes'],
  quota: ['name', 'bytes', 'over', 'used', 'until'],
  limit: ['name', 'packets', 'bytes', 'rate', 'burst', 'second', 'minute', 'week', 'over'],
  synproxy: ['name', 'wscale', 'maxseg', 'mss', 'timestamp', 'sack-permitted', 'sack-perm'],
  ct: (
    'saddr daddr id protocol bytes packets over dport avgpkt l3proto proto-src proto-dst zone original reply direction ' +
    'event expectation expiration helper helpers label state status count'
  ).split(' '),
};

/** Words that are no text behind the word for a kind of object. */
export function takenWords(kind: string): readonly string[] {
  const scope = kind.startsWith('ct ') ? 'ct' : kind;
  return Object.hasOwn(TAKEN, scope) ? (TAKEN[scope] as readonly string[]) : [];
}

/** The name of an object, a chain, a set or a flowtable; undefined behind an error. */
export function objectName(kind: string, cursor: Cursor): string | undefined {
  const word = cursor.word();
  if (word !== undefined && takenWords(kind).includes(word) && !cursor.problems.free)
    return cursor.fail(`a name for the ${kind} that is no word of its own`);
  return kind === 'chain' ? cursor.chainName() : cursor.identifier(`the name of a ${kind}`);
}
