import { type GroupAtom, isWord } from '../../../../grammars/nft/atoms.ts';
import type { NamedSet } from '../ast/ast.ts';
import { checkEnd } from './block-end.ts';
import { type BlockContext, cursorOf } from './block.ts';
import { readElementCounts, readElements } from './element.ts';
import { readType, readTypeof, type SetTypes } from './set-type.ts';
import { checkFlags, checkOfElements } from '../check/flags.ts';
import type { Cursor } from './cursor.ts';
import { readComment } from './statement-reader.ts';
import { readTime } from '../types/time.ts';
import type { Scope } from './variables.ts';

const FLAGS = ['constant', 'interval', 'timeout', 'dynamic'];
const WORDS =
  'type typeof flags timeout gc-interval size policy auto-merge comment counter limit quota ct elements last'.split(
    ' ',
  );

/** nft's text has `auto-merge` in sets only (src/parser_bison.y of nftables, map_block). */
const wordsOf = (isMap: boolean, free: boolean): readonly string[] =>
  isMap && !free ? WORDS.filter((word) => word !== 'auto-merge') : WORDS;

/** A set or map that is being read. */
interface Draft extends SetTypes {
  stateful: boolean;
  size?: number;
  /** It says how often elements that have run out are taken away. */
  collected?: boolean;
  readonly counts: string[];
  readonly flags: Set<string>;
  /** The set has a time, which gives it the flag whatever other flags say. */
  timed?: boolean;
  elements: NamedSet['elements'];
}

/** The block of a set or a map, and its name. */
interface SetBlock {
  readonly block: GroupAtom;
  readonly name: string;
  readonly isMap: boolean;
}

/** `set x { type ipv4_addr; flags interval; elements = { … } }`, also of maps (`nft(8)`, SETS, MAPS). */
export function readSetBlock(what: SetBlock, scope: Scope, context: BlockContext): NamedSet | undefined {
  const { block, name, isMap } = what;
  const draft: Draft = {
    verdicts: false,
    spans: false,
    stateful: false,
    counts: [],
    flags: new Set(),
    elements: [],
  };
  const before = context.problems.errors.length;
  if (!endsItself(block)) checkEnd(block, context.problems);
  const typed = readParts(what, draft, scope, context);
  if (draft.flags.has('auto-merge') && !draft.flags.has('interval'))
    context.problems.error('no-interval', block, '`auto-merge` is for sets of intervals', {
      help: `add \`flags interval\` to \`${name}\``,
    });
  if (context.problems.errors.length > before) return undefined;
  if (!typed || (isMap && draft.data === undefined && !draft.verdicts && draft.objects === undefined)) {
    context.problems.error('no-type', block, `it is not said what the elements of \`${name}\` are`, {
      expected: isMap
        ? '`type ipv4_addr : verdict` or another type of keys and values'
        : '`type ipv4_addr` or another type',
    });
    return undefined;
  }
  if (!checkFlags(draft, block, context) || !checkOfElements(draft, block, context)) return undefined;
  return namedSet(what, draft);
}

/** Reads the block's parts into the draft. Returns whether one of them says the type. */
function readParts({ block, isMap }: SetBlock, draft: Draft, scope: Scope, context: BlockContext): boolean {
  let typed = false;
  const words = wordsOf(isMap, context.problems.free);
  context.includes.walk(block.body, scope, (raw) => {
    const cursor = cursorOf(scope.expand(raw), raw, context.problems);
    if (cursor === undefined) return;
    do {
      const word = cursor.take(...words);
      if (word === undefined) cursor.fail(`one of ${words.join(', ')}`);
      else {
        if (word === 'type' || word === 'typeof') typed = true;
        readPart(word, draft, isMap, cursor);
        if (!SELF_ENDING.includes(word) && !cursor.done) cursor.fail('the end of the statement');
      }
    } while (!cursor.done);
  });
  return typed;
}

function namedSet({ block, name, isMap }: SetBlock, draft: Draft): NamedSet {
  const { keys, data, verdicts, stateful, flags, elements } = draft;
  // nft asks for room for what a constant set is declared with.
  const size = draft.size ?? (flags.has('constant') && elements.length > 0 ? elements.length : undefined);
  const types = { ...(keys && { keys }), ...(data && { data }), ...(draft.spans && { spans: true }) };
  const listed = elements.length > 0;
  return {
    name,
    isMap,
    verdicts,
    ...types,
    ...(draft.objects !== undefined && { objects: draft.objects }),
    flags,
    stateful,
    elements,
    listed,
    ...(size !== undefined && size > 0 && { size }),
    ...(draft.counts.length > 0 && { counts: draft.counts }),
    start: block.start,
    end: block.end,
  };
}

/** Parts that need no end (src/parser_bison.y of nftables, set_block). */
const SELF_ENDING = ['elements', 'auto-merge'];

/** Whether the block's last part needs no end. */
function endsItself(block: GroupAtom): boolean {
  const statement = block.body[block.body.length - 1];
  const [first, last] = [statement?.[0], statement?.at(-1)];
  return isWord(first, 'elements') || last?.kind === 'group' || isWord(last, 'auto-merge');
}

function readPart(word: string, draft: Draft, isMap: boolean, cursor: Cursor): void {
  switch (word) {
    case 'type':
      readType(draft, isMap, cursor);
      break;
    case 'typeof':
      readTypeof(draft, isMap, cursor);
      break;
    case 'flags':
      // Of a set the last flags count, of a map all of them (src/parser_bison.y of nftables, set_block).
      if (!isMap)
        for (const flag of FLAGS) if (flag !== 'timeout' || draft.timed !== true) draft.flags.delete(flag);
      do {
        const flag = cursor.take(...FLAGS);
        if (flag === undefined) cursor.fail(`one of ${FLAGS.join(', ')}`);
        else draft.flags.add(flag);
      } while (cursor.takeSign(',') !== undefined);
      break;
    case 'timeout':
      draft.flags.add('timeout');
      draft.timed = true;
      readTime(cursor);
      break;
    case 'gc-interval':
      draft.collected = true;
      readTime(cursor);
      break;
    case 'size':
      draft.size = Number(cursor.number('a number'));
      break;
    case 'policy':
      if (cursor.take('performance', 'memory') === undefined) cursor.fail('`performance` or `memory`');
      break;
    case 'auto-merge':
      draft.flags.add(word);
      break;
    case 'comment':
      readComment(cursor);
      break;
    case 'elements':
      draft.elements = [...draft.elements, ...readAssigned(cursor)];
      break;
    default:
      cursor.back();
      readCounted(draft, cursor);
  }
}

/** `counter limit rate 5/second`: statements of every element. What they say of a packet is not in the file, but for counters. */
function readCounted(draft: Draft, cursor: Cursor): void {
  const words = readElementCounts(cursor);
  if (words.some((word) => word !== 'counter' && word !== 'last')) draft.stateful = true;
  draft.counts.push(...words);
}

function readAssigned(cursor: Cursor): NamedSet['elements'] {
  const { start } = cursor;
  if (cursor.takeSign('=') === undefined) cursor.fail('`=` and the elements');
  const group = cursor.next();
  if (group?.kind === 'group') {
    const elements = readElements(group, cursor);
    // Only a variable can have none, which is written before this.
    if (elements.length === 0 && group.start > start && !cursor.problems.free) cursor.fail('elements');
    return elements;
  }
  cursor.fail('`{` and the elements');
  return [];
}
