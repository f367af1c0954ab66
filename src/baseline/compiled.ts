import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile, Span } from '../text/source.ts';
import type { Located } from './located.ts';

/**
 * A shipped baseline's YAML as the build has read it: values with their places, in JSON. Reading YAML takes longer than
 * checking a small config. It counts only for the very text that it was made from.
 */
interface Compiled {
  /** SHA-256 of the YAML's text. */
  readonly sha256: string;
  readonly root: Packed;
}

/** `[start, end, value]`, or with a kind: a list's items, or a map's entries as key, its place, and its value. */
type Packed =
  | readonly [start: number, end: number, value: unknown]
  | readonly [start: number, end: number, kind: 'list', items: readonly Packed[]]
  | readonly [start: number, end: number, kind: 'map', entries: readonly PackedEntry[]];

type PackedEntry = readonly [key: string, start: number, end: number, value: Packed];

/** The text of a compiled baseline; undefined where JSON cannot hold a value (`.inf`) and the YAML has to be read. */
export function compileBaseline(root: Located, sha256: string): string | undefined {
  const packed = pack(root);
  return packed === undefined ? undefined : JSON.stringify({ sha256, root: packed } satisfies Compiled);
}

/** The values that the build has read from this very text; undefined where it has none. */
export function readCompiled(
  folder: string,
  id: string,
  source: SourceFile,
  sha256: string,
): Located | undefined {
  try {
    const compiled = JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as Compiled;
    return compiled.sha256 === sha256 ? unpack(compiled.root, source) : undefined;
  } catch {
    // From sources, nothing is built; the YAML says the same.
    return undefined;
  }
}

function pack({ value, span, entries, items }: Located): Packed | undefined {
  const { start, end } = span;
  if (items !== undefined) {
    const parts = items.map(pack);
    return parts.includes(undefined) ? undefined : [start, end, 'list', parts as Packed[]];
  }
  if (entries === undefined) {
    return typeof value === 'number' && !Number.isFinite(value) ? undefined : [start, end, value];
  }
  const packed: PackedEntry[] = [];
  for (const [key, entry] of entries) {
    const part = pack(entry);
    const place = entry.keySpan ?? entry.span;
    if (part === undefined) return undefined;
    packed.push([key, place.start, place.end, part]);
  }
  return [start, end, 'map', packed];
}

function unpack(packed: Packed, file: SourceFile): Located {
  const span: Span = { file, start: packed[0], end: packed[1] };
  if (packed.length === 3) return { value: packed[2], span, size: 1 };
  if (packed[2] === 'list') {
    const items = packed[3].map((item) => unpack(item, file));
    const size = items.reduce((sum, item) => sum + item.size, 1);
    return { value: items.map((item) => item.value), span, items, size };
  }
  const entries = new Map<string, Located>();
  const value: Record<string, unknown> = Object.create(null);
  let size = 1;
  for (const [key, start, end, part] of packed[3]) {
    const entry = { ...unpack(part, file), keySpan: { file, start, end } };
    entries.set(key, entry);
    value[key] = entry.value;
    size += entry.size;
  }
  return { value, span, entries, size };
}
