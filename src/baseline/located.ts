import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import type { SourceFile, Span } from '../text/source.ts';

/**
 * A YAML value with its place. `value` is what JSON.parse would give; `entries` and `items` lead to the places of
 * its parts. Aliases share the value and the place of their anchor.
 */
export interface Located {
  readonly value: unknown;
  readonly span: Span;
  /** Where the key of this value stands; absent in lists and at the top. */
  readonly keySpan?: Span;
  readonly entries?: ReadonlyMap<string, Located>;
  readonly items?: readonly Located[];
  /** How many values there are once every alias is followed. */
  readonly size: number;
}

/** A small text with a few aliases can stand for billions of values; more than this many are refused. */
const MAXIMUM_VALUES = 1_000_000;
const MAXIMUM_ERRORS = 10;

interface Walk {
  readonly file: SourceFile;
  readonly anchors: Map<string, Located | 'unfinished'>;
  readonly errors: Diagnostic[];
}

/** The values of a composed YAML node with their places, or why there are none. */
export function locate(file: SourceFile, node: ParsedNode): Result<Located> {
  const walk: Walk = { file, anchors: new Map(), errors: [] };
  const root = visit(walk, node);
  if (root.size > MAXIMUM_VALUES)
    walk.errors.push({
      severity: 'error',
      code: 'yaml-alias',
      message: 'The aliases of this file stand for too many values.',
      span: root.span,
      expected: `at most ${MAXIMUM_VALUES} values once every alias is followed`,
      help: 'Write the values out, or use fewer aliases.',
    });
  return walk.errors.length > 0 ? failure(...walk.errors.slice(0, MAXIMUM_ERRORS)) : success(root);
}

function visit(walk: Walk, node: ParsedNode | null): Located {
  if (node === null) return { value: null, span: { file: walk.file, start: 0, end: 0 }, size: 1 };
  if (isAlias(node)) return follow(walk, node.source, spanOf(walk, node));
  const { anchor } = node;
  if (anchor !== undefined) walk.anchors.set(anchor, 'unfinished');
  const located = isMap(node) ? visitMap(walk, node) : isSeq(node) ? visitSeq(walk, node) : leaf(walk, node);
  if (anchor !== undefined) walk.anchors.set(anchor, located);
  return located;
}

function spanOf(walk: Walk, node: { readonly range: readonly [number, number, number] }): Span {
  return { file: walk.file, start: node.range[0], end: node.range[1] };
}

function leaf(walk: Walk, node: ParsedNode): Located {
  const value = isScalar(node) ? node.value : null;
  return { value: typeof value === 'bigint' ? Number(value) : value, span: spanOf(walk, node), size: 1 };
}

function follow(walk: Walk, name: string, span: Span): Located {
  const target = walk.anchors.get(name);
  if (target !== undefined && target !== 'unfinished') return target;
  walk.errors.push({
    severity: 'error',
    code: 'yaml-alias',
    message:
      target === undefined
        ? `No anchor \`&${name}\` stands before \`*${name}\`.`
        : `\`*${name}\` stands for itself.`,
    span,
  });
  return { value: null, span, size: 1 };
}

function visitSeq(walk: Walk, node: ParsedNode & { readonly items: readonly unknown[] }): Located {
  const items = node.items.map((item) => visit(walk, item as ParsedNode));
  return {
    value: items.map((item) => item.value),
    span: spanOf(walk, node),
    items,
    size: items.reduce((sum, item) => sum + item.size, 1),
  };
}

function visitMap(walk: Walk, node: ParsedNode & { readonly items: readonly unknown[] }): Located {
  const entries = new Map<string, Located>();
  let size = 1;
  for (const pair of node.items as { key: ParsedNode; value: ParsedNode | null }[]) {
    const key = keyOf(walk, pair.key);
    const value = pair.value === null ? emptyAfter(walk, pair.key) : visit(walk, pair.value);
    size += value.size;
    const keySpan = spanOf(walk, pair.key);
    if (key === undefined) continue;
    if (entries.has(key)) walk.errors.push(duplicate(key, keySpan, entries.get(key)?.keySpan));
    else entries.set(key, { ...value, keySpan });
  }
  // A null prototype: a key named `__proto__` is a key like any other.
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of entries) value[key] = entry.value;
  return { value, span: spanOf(walk, node), entries, size };
}

function emptyAfter(walk: Walk, key: ParsedNode): Located {
  return { value: null, span: { file: walk.file, start: key.range[1], end: key.range[1] }, size: 1 };
}

function keyOf(walk: Walk, node: ParsedNode): string | undefined {
  if (isScalar(node)) return node.value === null ? '' : String(node.value);
  walk.errors.push({
    severity: 'error',
    code: 'yaml-key',
    message: 'A list, a map or an alias stands where a key is expected.',
    span: spanOf(walk, node),
    expected: 'a plain key',
    help: 'Quote an address or a text that begins with `[`, `{` or `*`.',
  });
  return undefined;
}

function duplicate(key: string, span: Span, first: Span | undefined): Diagnostic {
  const line = first === undefined ? '' : ` (line ${first.file.position(first.start).line})`;
  return {
    severity: 'error',
    code: 'yaml-duplicate-key',
    message: `The key \`${key}\` stands twice in one map${line}.`,
    span,
    help: 'Keep one of the two.',
  };
}

/** The value at a path of keys and indexes; the nearest enclosing one where there is none. */
export function at(root: Located, path: readonly (string | number)[]): Located {
  let here = root;
  for (const step of path) {
    const next = here.items?.[Number(step)] ?? here.entries?.get(String(step));
    if (next === undefined) return here;
    here = next;
  }
  return here;
}
