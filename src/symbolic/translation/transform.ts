import type { DiagramField } from '../../packet/layout.ts';
import type { Tracks, TranslateAction } from '../../rule/action.ts';
import type { Changed } from '../scope.ts';

/**
 * What rules did to a packet on its way: later sets, which speak of the packet as it is by then, are turned into
 * sets of packets as they arrived by preimage.ts. Absent parts are unchanged.
 */
export class Transform {
  readonly mark: Mix | undefined;
  readonly ctmark: Mix | undefined;
  /** New value for each value of the byte. */
  readonly tos: Uint8Array | undefined;
  readonly ttl: Uint8Array | undefined;
  /** Fields that have a value nobody knows. */
  readonly forgotten: ReadonlySet<DiagramField>;
  readonly notrack: boolean;
  /** What rules prepared for its connection: NOTRACK has no effect behind it. */
  readonly tracks: Tracks | undefined;
  readonly destination: Translation | undefined;
  readonly source: Translation | undefined;
  /** How often the packet's bytes have changed; more often than MOST_CHANGES counts as once more. */
  readonly edition: number;
  /** By which interface a local packet leaves that is sent elsewhere: `lo` where it is redirected. */
  readonly out: string | undefined;
  private text: string | undefined = undefined;

  /** Every part is set, in one order: thousands of them are asked for their parts, and V8 finds these fast where all have one shape. */
  constructor(parts: TransformParts) {
    this.mark = parts.mark;
    this.ctmark = parts.ctmark;
    this.tos = parts.tos;
    this.ttl = parts.ttl;
    this.forgotten = parts.forgotten ?? NOTHING;
    this.notrack = parts.notrack ?? false;
    this.tracks = parts.tracks;
    this.destination = parts.destination;
    this.source = parts.source;
    this.edition = parts.edition ?? 0;
    this.out = parts.out;
  }

  /** A text that equal transforms share, and no others. A chain of thousands of translations asks for each many times. */
  get key(): string {
    this.text ??= this === IDENTITY ? '' : sameText(keyOf(this));
    return this.text;
  }
}

/** What a transform is made of; what is left out is unchanged. */
export type TransformParts = { [Part in Exclude<keyof Transform, 'key'>]?: Transform[Part] | undefined };

/** `(own & keep) ^ (other & take) ^ xor`, where the other of `mark` is `ctmark` and the other way round. */
export interface Mix {
  readonly keep: number;
  readonly take: number;
  readonly xor: number;
}

/** A translated end of the connection; see TranslateAction. */
export interface Translation {
  readonly address?: TranslateAction['address'] | undefined;
  readonly port?: { readonly lo: number; readonly hi: number } | undefined;
  readonly random?: true | undefined;
  readonly changed: Changed;
}

/** Whether the translated end is one of several addresses or ports. */
export function takesOneOf({ address, port, random }: Omit<Translation, 'changed'>): boolean {
  const isOne = address?.kind !== 'range' || address.lo === address.hi;
  return !isOne || random === true || (port !== undefined && port.lo !== port.hi);
}

/** So many changes of a packet's bytes are told apart: hundreds of rules that change it would make as many transforms. */
export const MOST_CHANGES = 4;

const NOTHING: ReadonlySet<DiagramField> = new Set();

/** Nothing was done. */
export const IDENTITY: Transform = new Transform({});

function keyOf(t: Transform): string {
  const parts = [
    t.mark,
    t.ctmark,
    t.tos,
    t.ttl,
    [...t.forgotten].sort(),
    t.notrack,
    t.tracks,
    t.destination,
    t.source,
    t.edition,
    t.out,
  ];
  return JSON.stringify(parts, (_, value) => {
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? tableNumber(value) : value;
  });
}

const tableNumbers = new WeakMap<Uint8Array, number>();
const numbersByText = new Map<string, number>();

/** Equal tables have one number. Many transforms share a table: that of each forwarded packet's TTL. */
function tableNumber(table: Uint8Array): number {
  let number = tableNumbers.get(table);
  if (number === undefined) {
    const text = Buffer.from(table.buffer).toString('latin1');
    number = numbersByText.get(text) ?? numbersByText.size;
    numbersByText.set(text, number);
    tableNumbers.set(table, number);
  }
  return number;
}

/** Transforms by their keys: one for all that are equal, so that what is composed of it is found again. */
const canonical = new Map<string, Transform>();
/** A rule set has a few hundred; those of hosts that were checked before are let go. */
const MOST_CANONICAL = 20_000;

/** The transform that stands for all that are equal to this one. */
export function oneOf(transform: Transform): Transform {
  const { key } = transform;
  const known = canonical.get(key);
  if (known !== undefined) return known;
  if (canonical.size >= MOST_CANONICAL) canonical.clear();
  canonical.set(key, transform);
  return transform;
}

/** Equal texts are one string, so that maps compare them by their place in memory. */
function sameText(text: string): string {
  return canonical.get(text)?.key ?? text;
}

/** The identity of {@link Mix}. */
export const KEEP: Mix = { keep: 0xffffffff, take: 0, xor: 0 };

/** The table of a function of one byte. */
export function table(of: (value: number) => number): Uint8Array {
  const made = new Uint8Array(256);
  for (let value = 0; value < 256; value++) made[value] = of(value);
  return made;
}
