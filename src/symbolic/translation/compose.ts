import type { DiagramField } from '../../packet/layout.ts';
import { kept } from '../../text/kept.ts';
import {
  IDENTITY,
  KEEP,
  type Mix,
  MOST_CHANGES,
  oneOf,
  table,
  Transform,
  type TransformParts,
  type Translation,
} from './transform.ts';

const composed = new WeakMap<Transform, WeakMap<Transform, Transform>>();

/** First `a`, then `b`. */
export function compose(a: Transform, b: Transform): Transform {
  if (a === IDENTITY) return b;
  if (b === IDENTITY) return a;
  return kept(
    kept(composed, a, () => new WeakMap()),
    b,
    () => oneOf(composition(a, b)),
  );
}

function composition(a: Transform, b: Transform): Transform {
  const { mark, ctmark } = composeMarks(a, b);
  const { notrack, tracks } = composeTracking(a, b);
  return new Transform({
    mark,
    ctmark,
    tos: composeBytes(a.tos, b.tos),
    ttl: composeBytes(a.ttl, b.ttl),
    forgotten: composeForgotten(a, b),
    notrack,
    tracks,
    destination: b.destination ?? a.destination,
    source: b.source ?? a.source,
    edition: Math.min(a.edition + b.edition, MOST_CHANGES + 1),
    out: b.out ?? a.out,
  });
}

/** See Tracks of rule/action.ts. */
function composeTracking(a: Transform, b: Transform): Pick<TransformParts, 'notrack' | 'tracks'> {
  if (a.tracks === 'always' || b.tracks === 'always') return { notrack: false, tracks: 'always' };
  if (a.tracks !== undefined) return { notrack: false, tracks: a.tracks };
  if (a.notrack || b.tracks === undefined) return { notrack: a.notrack || b.notrack };
  return { notrack: false, tracks: b.tracks };
}

function composeForgotten(a: Transform, b: Transform): ReadonlySet<DiagramField> {
  if (a.forgotten.size === 0) return b.forgotten;
  const forgotten = new Set(b.forgotten);
  for (const field of a.forgotten) if (!overwrites(b, field)) forgotten.add(field);
  if (a.forgotten.has('mark') && (b.ctmark?.take ?? 0) !== 0) forgotten.add('ctmark');
  if (a.forgotten.has('ctmark') && (b.mark?.take ?? 0) !== 0) forgotten.add('mark');
  return forgotten;
}

function overwrites(t: Transform, field: DiagramField): boolean {
  if (t.forgotten.has(field)) return false;
  if (field === 'tos' || field === 'ttl')
    return t[field]?.every((value, _, all) => value === all[0]) ?? false;
  if (field === 'dst' || field === 'dport') return gives(t.destination, field === 'dst');
  if (field === 'src' || field === 'sport') return gives(t.source, field === 'src');
  return (field === 'mark' || field === 'ctmark') && t[field]?.keep === 0;
}

/** Whether the translation gives its end an address, or a port, whatever it was. */
function gives(end: Translation | undefined, address: boolean): boolean {
  return address ? end?.address?.kind === 'range' : end?.port !== undefined;
}

function composeMarks(a: Transform, b: Transform): Pick<TransformParts, 'mark' | 'ctmark'> {
  return {
    mark: b.mark === undefined ? a.mark : mixOf(b.mark, a.mark ?? KEEP, a.ctmark ?? KEEP),
    ctmark: b.ctmark === undefined ? a.ctmark : mixOf(b.ctmark, a.ctmark ?? KEEP, a.mark ?? KEEP),
  };
}

function mixOf(later: Mix, own: Mix, other: Mix): Mix {
  return {
    keep: ((own.keep & later.keep) ^ (other.take & later.take)) >>> 0,
    take: ((own.take & later.keep) ^ (other.keep & later.take)) >>> 0,
    xor: ((own.xor & later.keep) ^ (other.xor & later.take) ^ later.xor) >>> 0,
  };
}

function composeBytes(first: Uint8Array | undefined, second: Uint8Array | undefined): Uint8Array | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return table((x) => second[first[x] as number] as number);
}
