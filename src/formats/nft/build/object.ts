import type { Atom, GroupAtom } from '../../../../grammars/nft/atoms.ts';
import { type Expected, expectedBy } from '../../../rule/conntrack-helpers.ts';
import { checkEnd } from './block-end.ts';
import { type BlockContext, cursorOf, Once } from './block.ts';
import type { Cursor } from './cursor.ts';
import { takenWords } from './object-names.ts';
import { readComment } from './statement-reader.ts';
import { partsOf } from './object-parts.ts';
import type { Scope } from './variables.ts';

/** What must be in a body, since the kernel asks for it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'ct helper': ['type'],
  'ct timeout': ['protocol'],
  'ct expectation': ['protocol', 'dport', 'timeout', 'size'],
  limit: ['rate'],
};

/** Bodies that are one statement long and may end with their brace (src/parser_bison.y of nftables, counter_block …). */
const ENDLESS = ['counter', 'quota', 'limit', 'secmark', 'synproxy'];

/**
 * Checks the body of an object, `{ rate 5/minute }` (`nft(8)`, STATEFUL OBJECTS, CT HELPER and the like). Nothing in it
 * decides anything that postern models; kinds that are not known are taken as they are.
 * @returns what stands behind `l3proto`, and which connections it makes related
 */
export function checkObject(
  kind: string,
  block: GroupAtom,
  scope: Scope,
  context: BlockContext,
): ObjectParts {
  const make = partsOf(kind);
  if (make === undefined) return {};
  let parts: ObjectParts = {};
  const read = make();
  const seen = new Set<string>();
  const once = new Once(context.problems);
  if (!ENDLESS.includes(kind)) checkEnd(block, context.problems);
  context.includes.walk(block.body, scope, (raw) => {
    const cursor = cursorOf(scope.expand(raw), raw, context.problems);
    if (cursor === undefined) return;
    // Comments need no end, nor do parts of the bodies that may end with their brace.
    for (let ended = false; !cursor.done; ) {
      if (ended) cursor.fail('the end of the statement');
      seen.add(cursor.word() ?? '');
      parts = { ...parts, ...toldAt(cursor, kind) };
      if (cursor.word() === 'comment') {
        once.see('comment', raw[0] as Atom);
        cursor.next();
        if (takenWords(kind).includes(cursor.word() ?? '')) cursor.fail('a comment in quotation marks');
        readComment(cursor);
      } else {
        if (!read(cursor)) cursor.fail(`a part of a ${kind}`);
        ended = !ENDLESS.includes(kind);
      }
    }
  });
  if (read.needsEnd?.(block.body.at(-1)?.at(-1)?.end ?? block.end) === true)
    checkEnd(block, context.problems);
  const missing = NEEDED[kind]?.find((word) => !seen.has(word)) ?? read.missing?.();
  if (missing !== undefined && !context.problems.free && context.problems.errors.length === 0)
    context.problems.error('missing-option', block, `this ${kind} does not have \`${missing}\``, {
      expected: (NEEDED[kind] ?? [missing]).join(', '),
    });
  return parts;
}

/** What of an object's body matters beyond it. */
interface ObjectParts {
  readonly layer?: string | undefined;
  readonly expects?: Expected;
}

/** What the part that begins here says of that. */
function toldAt(cursor: Cursor, kind: string): ObjectParts {
  if (cursor.word() === 'l3proto') return { layer: cursor.word(1) };
  if (kind === 'ct helper' && cursor.word() === 'type') {
    const name = cursor.peek(1);
    return name?.kind === 'quoted' ? { expects: expectedBy(name.text) } : {};
  }
  if (kind !== 'ct expectation' || cursor.word() !== 'protocol') return {};
  return { expects: [cursor.word(1) === 'udp' ? 17 : 6] };
}

/** `add quota ip t q over 5 mbytes`: an object without braces, which has one part. JSON leaves it out. */
export function readObjectLine(kind: string, cursor: Cursor): void {
  const make = partsOf(kind);
  if (cursor.problems.free) cursor.rest();
  // A counter begins at 0; everything else needs to be said, and some of it in braces.
  else if (kind.startsWith('ct ') || kind === 'flowtable') cursor.fail('`{`');
  else if (make === undefined) cursor.rest();
  if (cursor.done && (kind === 'counter' || cursor.failed || cursor.problems.free || make === undefined))
    return;
  if (make?.()(cursor) !== true) cursor.fail(`a part of a ${kind}`);
  if (!cursor.done) cursor.fail('the end of the statement');
}
