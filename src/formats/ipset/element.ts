import type { SetElement, SetPart } from '../../rule/named-set.ts';
import type { SourceFile, Span } from '../../text/source.ts';
import type { PlainEntry } from './entry.ts';

/**
 * One IPv4 address or network. There may be a million of them, so it keeps numbers only and makes its parts and its
 * span when somebody asks.
 */
export class PlainElement implements SetElement {
  constructor(
    private readonly lo: number,
    private readonly prefix: number,
    private readonly file: SourceFile,
    private readonly start: number,
    private readonly end: number,
    readonly nomatch: boolean,
  ) {}

  get parts(): readonly SetPart[] {
    const lo = BigInt(this.lo);
    const hi = BigInt(this.lo + 2 ** (32 - this.prefix) - 1);
    return [{ kind: 'address', family: 4, lo, hi, prefix: this.prefix }];
  }

  get origin(): Span {
    return { file: this.file, start: this.start, end: this.end };
  }
}

/** An element of any type. */
export class GeneralElement implements SetElement {
  constructor(
    readonly parts: readonly SetPart[],
    private readonly file: SourceFile,
    private readonly start: number,
    private readonly end: number,
    readonly nomatch: boolean,
  ) {}

  get origin(): Span {
    return { file: this.file, start: this.start, end: this.end };
  }

  /** The same element with other parts, for what a deletion leaves of it. */
  static of(parts: readonly SetPart[], element: SetElement): GeneralElement {
    const { file, start, end } = element.origin;
    return new GeneralElement(parts, file, start, end, element.nomatch);
  }
}

export type StoredElement = PlainElement | GeneralElement;

/** What makes two elements of a set the same one for the kernel. */
export type ElementKey = number | string;

/** The key of an IPv4 address or network that stands alone. */
export function plainKey(entry: PlainEntry): ElementKey {
  return entry.lo * 64 + entry.prefix;
}

/**
 * The key of an element: neither `nomatch` nor `wildcard` belongs to it, nor, in bitmap:ip,mac, the MAC address.
 */
export function elementKey(parts: readonly SetPart[], macCounts: boolean): ElementKey {
  const first = parts[0];
  if (parts.length === 1 && first?.kind === 'address' && first.family === 4 && first.mask === undefined) {
    const lo = Number(first.lo);
    if (Number(first.hi) - lo + 1 === 2 ** (32 - first.prefix)) return lo * 64 + first.prefix;
  }
  let key = '';
  for (const part of parts) key += `${partKey(part, macCounts)}|`;
  return key;
}

function partKey(part: SetPart, macCounts: boolean): string {
  switch (part.kind) {
    case 'address':
      return `${part.lo.toString(36)}-${part.hi === part.lo ? '' : part.hi.toString(36)}/${part.prefix}`;
    case 'port':
      return `${part.protocol ?? ''}:${part.lo}-${part.hi}`;
    case 'mac':
      return macCounts ? String(part.mac) : '';
    case 'mark':
      return String(part.value);
    case 'iface':
      return `${part.physdev ? 'p' : 'i'}${part.name}`;
    case 'set':
      return part.name;
  }
}
