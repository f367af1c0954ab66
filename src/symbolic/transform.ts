import { type Diagram, type Node, NONE } from '../packet/diagram.ts';
import { type DiagramField, LEVELS } from '../packet/layout.ts';
import { digitsOf, rangesNode } from '../packet/literals.ts';
import { type ByteMix, exists, levelSet, remap, remapPair, rename } from '../packet/operations.ts';
import type { AssignAction, TranslateAction } from '../rule/ruleset.ts';

/**
 * What rules did to a packet on its way: later sets, which speak of the packet as it is by then, are turned into
 * sets of packets as they arrived by {@link preimage}. Absent parts are unchanged.
 */
export interface Transform {
  readonly mark?: Mix;
  readonly ctmark?: Mix;
  readonly tos?: Mix;
  readonly ttl?: Mix;
  /** Fields that have a value nobody knows. */
  readonly forgotten: ReadonlySet<'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags'>;
  readonly notrack: boolean;
  readonly destination?: Translation;
  readonly source?: Translation;
}

/** `mark & fromMark ^ ctmark & fromCtmark ^ self & keep ^ xor`; for tos and ttl only `keep` and `xor` count. */
export interface Mix {
  readonly keep: number;
  readonly take: number;
  readonly xor: number;
}

/** A translated end of the connection; see TranslateAction. */
export interface Translation {
  readonly address?: TranslateAction['address'];
  readonly port?: { readonly lo: number; readonly hi: number };
}

/** Nothing was done. */
export const IDENTITY: Transform = { forgotten: new Set(), notrack: false };

/** A text that equal transforms share. */
export function transformKey(t: Transform): string {
  if (t === IDENTITY) return '';
  return JSON.stringify(
    [t.mark, t.ctmark, t.tos, t.ttl, [...t.forgotten].sort(), t.notrack, t.destination, t.source],
    (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
  );
}

/** The transform after an assignment. */
export function assigned(t: Transform, action: AssignAction): Transform {
  const { field } = action;
  const forgotten = new Set(t.forgotten);
  const from = action.from === field ? undefined : action.from;
  const take = action.from === undefined ? 0 : (action.take ?? 0);
  const keep = (action.from === field ? action.keep ^ take : action.keep) >>> 0;
  if (keep === 0 && (from === undefined || take === 0)) forgotten.delete(field);
  if (from !== undefined && take !== 0 && forgotten.has(from)) forgotten.add(field);
  if (field === 'tcpFlags') return { ...t, forgotten };
  if (field === 'tos' || field === 'ttl') {
    const old = t[field] ?? KEEP;
    return {
      ...t,
      forgotten,
      [field]: { keep: (old.keep & keep) >>> 0, take: 0, xor: ((old.xor & keep) ^ action.xor) >>> 0 },
    };
  }
  const own = t[field] ?? KEEP;
  const other = from === undefined ? ZERO : (t[from] ?? KEEP);
  // `keep` of the other mark's mix is that mark itself, which is `take` seen from here; and the other way round.
  const mix: Mix = {
    keep: ((own.keep & keep) ^ (other.take & take)) >>> 0,
    take: ((own.take & keep) ^ (other.keep & take)) >>> 0,
    xor: ((own.xor & keep) ^ (other.xor & take) ^ action.xor) >>> 0,
  };
  return { ...t, forgotten, [field]: mix };
}

/** The transform after a field got an unknown value. */
export function forgot(t: Transform, field: 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags'): Transform {
  return { ...t, forgotten: new Set([...t.forgotten, field]) };
}

/** The transform after NOTRACK. */
export function untracked(t: Transform): Transform {
  return { ...t, notrack: true };
}

/** The transform after a translation. */
export function translated(t: Transform, action: TranslateAction): Transform {
  const translation: Translation = {
    ...(action.address === undefined ? {} : { address: action.address }),
    ...(action.port === undefined ? {} : { port: action.port }),
  };
  return action.what === 'dnat' ? { ...t, destination: translation } : { ...t, source: translation };
}

/** First `a`, then `b`. */
export function compose(a: Transform, b: Transform): Transform {
  if (a === IDENTITY) return b;
  if (b === IDENTITY) return a;
  const forgotten = new Set<'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags'>(b.forgotten);
  for (const field of a.forgotten) if (!overwritten(b, field)) forgotten.add(field);
  const mixes = composeMarks(a, b);
  if (a.forgotten.has('mark') && (b.ctmark?.take ?? 0) !== 0) forgotten.add('ctmark');
  if (a.forgotten.has('ctmark') && (b.mark?.take ?? 0) !== 0) forgotten.add('mark');
  const destination = b.destination ?? a.destination;
  const source = b.source ?? a.source;
  return {
    ...mixes,
    ...composeBytes('tos', a, b),
    ...composeBytes('ttl', a, b),
    forgotten,
    notrack: a.notrack || b.notrack,
    ...(destination === undefined ? {} : { destination }),
    ...(source === undefined ? {} : { source }),
  };
}

const KEEP: Mix = { keep: 0xffffffff, take: 0, xor: 0 };
const ZERO: Mix = { keep: 0, take: 0, xor: 0 };

function overwritten(t: Transform, field: 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags'): boolean {
  return field !== 'tcpFlags' && t[field]?.keep === 0 && !t.forgotten.has(field);
}

function composeMarks(a: Transform, b: Transform): { mark?: Mix; ctmark?: Mix } {
  if (b.mark === undefined && b.ctmark === undefined) return pickMarks(a);
  const mark = b.mark === undefined ? a.mark : mixOf(b.mark, a.mark ?? KEEP, a.ctmark ?? KEEP);
  const ctmark = b.ctmark === undefined ? a.ctmark : mixOf(b.ctmark, a.ctmark ?? KEEP, a.mark ?? KEEP);
  return pickMarks({ ...(mark === undefined ? {} : { mark }), ...(ctmark === undefined ? {} : { ctmark }) });
}

function pickMarks(t: { mark?: Mix; ctmark?: Mix }): { mark?: Mix; ctmark?: Mix } {
  return {
    ...(t.mark === undefined ? {} : { mark: t.mark }),
    ...(t.ctmark === undefined ? {} : { ctmark: t.ctmark }),
  };
}

function mixOf(later: Mix, own: Mix, other: Mix): Mix {
  return {
    keep: ((own.keep & later.keep) ^ (other.take & later.take)) >>> 0,
    take: ((own.take & later.keep) ^ (other.keep & later.take)) >>> 0,
    xor: ((own.xor & later.keep) ^ (other.xor & later.take) ^ later.xor) >>> 0,
  };
}

function composeBytes(field: 'tos' | 'ttl', a: Transform, b: Transform): Partial<Record<'tos' | 'ttl', Mix>> {
  const [first, second] = [a[field], b[field]];
  if (second === undefined) return first === undefined ? {} : { [field]: first };
  if (first === undefined) return { [field]: second };
  const keep = (first.keep & second.keep) >>> 0;
  return { [field]: { keep, take: 0, xor: ((first.xor & second.keep) ^ second.xor) >>> 0 } };
}

/**
 * The packets, as they arrived, that are in `node` after the transform, for some choice where it leaves one (an
 * address range, a forgotten field, an unknown local address).
 */
export function preimage(
  diagram: Diagram,
  node: Node,
  t: Transform,
  family: 4 | 6,
  localNode: (field: 'dst' | 'src') => Node,
): Node {
  if (t === IDENTITY || node < 2) return node;
  let result = node;
  if (t.forgotten.size > 0) result = exists(diagram, result, levelSet([...t.forgotten]));
  if (t.destination !== undefined)
    result = translationPreimage(diagram, result, t.destination, DESTINATION, family, localNode);
  if (t.source !== undefined)
    result = translationPreimage(diagram, result, t.source, SOURCE, family, localNode);
  result = bytesPreimage(diagram, result, t);
  result = marksPreimage(diagram, result, t);
  if (t.notrack) result = fixed(diagram, result, 'notrack', rangesNode(diagram, 'notrack', [1, 1], 1));
  return result;
}

const DESTINATION = {
  address: 'dst',
  port: 'dport',
  original: 'origDst',
  originalPort: 'origDport',
} as const;
const SOURCE = { address: 'src', port: 'sport', original: 'origSrc', originalPort: 'origSport' } as const;

function translationPreimage(
  diagram: Diagram,
  node: Node,
  translation: Translation,
  names: typeof DESTINATION | typeof SOURCE,
  family: 4 | 6,
  localNode: (field: 'dst' | 'src') => Node,
): Node {
  let result = node;
  const { address, port } = translation;
  const width = family === 4 ? 4 : 16;
  if (port !== undefined) {
    result = fixed(diagram, result, names.port, rangesNode(diagram, names.port, [port.lo, port.hi], 1));
    result = renameField(diagram, result, names.originalPort, names.port);
  }
  if (address === undefined) return result;
  if (address.kind === 'prefix') {
    const [mask, value] = [digitsOf(address.mask, width), digitsOf(address.value, width)];
    const tables = new Map<number, Uint8Array>();
    for (let i = 0; i < width; i++) {
      const [m, v] = [mask[i] as number, value[i] as number];
      if (m !== 0)
        tables.set(
          LEVELS[names.address][i] as number,
          Uint8Array.from({ length: 256 }, (_, x) => (x & ~m) | (v & m)),
        );
    }
    return tables.size === 0 ? result : remap(diagram, result, tables);
  }
  const values =
    address.kind === 'local'
      ? localNode(names.address)
      : rangesNode(diagram, names.address, [address.lo, address.hi], 1, width);
  result = fixed(diagram, result, names.address, values);
  return renameField(diagram, result, names.original, names.address);
}

/** The packets that are in `node` for some value of the field within `values`. */
function fixed(diagram: Diagram, node: Node, field: DiagramField, values: Node): Node {
  return exists(diagram, diagram.and(node, values), levelSet([field]));
}

/** What the set says of the connection's original field is said of the arriving packet's field. */
function renameField(diagram: Diagram, node: Node, from: DiagramField, to: DiagramField): Node {
  const moves = new Map(LEVELS[from].map((level, i) => [level, LEVELS[to][i] as number] as const));
  return node === NONE ? node : rename(diagram, node, moves);
}

function bytesPreimage(diagram: Diagram, node: Node, t: Transform): Node {
  const tables = new Map<number, Uint8Array>();
  for (const field of ['tos', 'ttl'] as const) {
    const mix = t[field];
    if (mix !== undefined)
      tables.set(
        LEVELS[field][0] as number,
        Uint8Array.from({ length: 256 }, (_, x) => (x & mix.keep) ^ mix.xor),
      );
  }
  return tables.size === 0 ? node : remap(diagram, node, tables);
}

function marksPreimage(diagram: Diagram, node: Node, t: Transform): Node {
  if (t.mark === undefined && t.ctmark === undefined) return node;
  const [mark, ctmark] = [t.mark ?? KEEP, t.ctmark ?? KEEP];
  const byte = (value: number, i: number): number => (value >>> (24 - 8 * i)) & 255;
  if (mark.take === 0 && ctmark.take === 0) {
    const tables = new Map<number, Uint8Array>();
    for (let i = 0; i < 4; i++)
      for (const [field, mix] of [
        ['mark', mark],
        ['ctmark', ctmark],
      ] as const)
        if (mix !== KEEP)
          tables.set(
            LEVELS[field][i] as number,
            Uint8Array.from({ length: 256 }, (_, x) => (x & byte(mix.keep, i)) ^ byte(mix.xor, i)),
          );
    return remap(diagram, node, tables);
  }
  const mixes = [0, 1, 2, 3].map((i): readonly [ByteMix, ByteMix] => [
    { fromFirst: byte(mark.keep, i), fromSecond: byte(mark.take, i), xor: byte(mark.xor, i) },
    { fromFirst: byte(ctmark.take, i), fromSecond: byte(ctmark.keep, i), xor: byte(ctmark.xor, i) },
  ]);
  return remapPair(diagram, node, LEVELS.mark, LEVELS.ctmark, mixes);
}
