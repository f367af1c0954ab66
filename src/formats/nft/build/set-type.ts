import type { Selector } from '../ast/ast.ts';
import { readSelector } from './selector.ts';
import { typesOf } from '../check/value-types.ts';
import type { Cursor } from './cursor.ts';
import { TYPE_NAMES, typeNamed, type ValueType } from '../types/types.ts';

const OBJECTS = ['counter', 'quota', 'limit', 'synproxy', 'secmark'];
/** Objects that begin with `ct` (src/parser_bison.y of nftables, ct_obj_type_map). */
const CT_OBJECTS = ['helper', 'timeout', 'expectation'];

/** What is said of the keys and the values of a set or a map. */
export interface SetTypes {
  keys?: readonly (ValueType | undefined)[];
  data?: readonly (ValueType | undefined)[];
  verdicts: boolean;
  /** Its data are names of objects of this kind. */
  objects?: string;
  /** Its data may be ranges. */
  spans: boolean;
}

/** `type ipv4_addr . inet_service : verdict` */
export function readType(draft: SetTypes, isMap: boolean, cursor: Cursor): void {
  draft.keys = readNames(cursor);
  if (isMap) {
    if (cursor.takeSign(':') === undefined) cursor.fail('`:` and the type of the values');
    else readData(draft, cursor);
  }
}

function readData(draft: SetTypes, cursor: Cursor): void {
  if (cursor.take('interval') !== undefined) draft.spans = true;
  if (cursor.take('verdict') !== undefined) draft.verdicts = true;
  else if (OBJECTS.includes(cursor.keyword() ?? '')) draft.objects = cursor.take(...OBJECTS) as string;
  else if (cursor.take('ct') !== undefined)
    draft.objects = `ct ${cursor.name('`helper`, `timeout` or `expectation`')}`;
  else draft.data = readNames(cursor);
}

/**
 * Types that nft's text gives no name to: `hour` and `day` are words of the language (src/scanner.l of nftables), and a `string` has
 * no length. Its JSON has them. (Labels and events of conntrack are in the list of types since nft 1.0.9: src/datatype.c, datatypes.)
 */
const BY_EXPRESSION: Readonly<Record<string, string>> = {
  hour: 'meta hour',
  day: 'meta day',
  string: 'osf name',
};

function readNames(cursor: Cursor): readonly (ValueType | undefined)[] {
  const types: (ValueType | undefined)[] = [];
  do {
    const start = cursor.keyword();
    const type = start === undefined ? undefined : typeNamed(start);
    // What `typeof` gives no name to, the JSON of nft 1.0 calls a number without saying its size.
    const unsaid = cursor.problems.free && start === 'integer';
    if (!cursor.problems.free && start !== undefined && Object.hasOwn(BY_EXPRESSION, start)) {
      cursor.fail(`\`typeof ${BY_EXPRESSION[start]}\` in place of \`type …\`: this type has no name there`);
      return types;
    }
    if (!unsaid && (type === undefined || start === 'bitmask')) {
      cursor.fail(`the name of a type: ${TYPE_NAMES.join(', ')}`);
      return types;
    }
    cursor.next();
    types.push(type);
  } while (cursor.takeSign('.') !== undefined);
  return types;
}

/** `typeof ip saddr . tcp dport : meta mark` */
export function readTypeof(draft: SetTypes, isMap: boolean, cursor: Cursor): void {
  draft.keys = readExpression(cursor);
  if (!isMap) return;
  if (cursor.takeSign(':') === undefined) {
    cursor.fail('`:` and an expression for the values');
    return;
  }
  if (cursor.take('interval') !== undefined) draft.spans = true;
  const [word, next] = [cursor.word(), cursor.word(1)];
  const isObject = OBJECTS.includes(word ?? '') || (word === 'ct' && CT_OBJECTS.includes(next ?? ''));
  if (word === 'verdict' || isObject) readData(draft, cursor);
  else draft.data = readExpression(cursor);
}

function readExpression(cursor: Cursor): readonly (ValueType | undefined)[] {
  const selector = readSelector(cursor);
  const { problems } = cursor;
  if (selector !== undefined && !isPrimary(selector))
    return cursor.fail('expressions without operators') ?? [];
  return selector === undefined
    ? []
    : (typesOf(selector, { table: NO_TABLE, problems, declares: true }) ?? []);
}

function isPrimary(selector: Selector): boolean {
  if (selector.kind === 'concat') return selector.of.every(isPrimary);
  return selector.kind !== 'binary' && selector.kind !== 'map';
}

const NO_TABLE = {
  family: 'inet',
  name: '',
  dormant: false,
  chains: new Map(),
  sets: new Map(),
  flowtables: new Map(),
  objects: new Map(),
  start: 0,
  end: 0,
} as const;
