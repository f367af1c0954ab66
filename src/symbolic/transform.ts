import { kept } from '../text/kept.ts';
import type { AssignableField, AssignAction, Tracks, TranslateAction } from '../rule/ruleset.ts';
import type { Changed } from './scope.ts';

/**
 * What rules did to a packet on its way: later sets, which speak of the packet as it is by then, are turned into
 * sets of packets as they arrived by preimage.ts. Absent parts are unchanged.
 */
export interface Transform {
  readonly mark?: Mix;
  readonly ctmark?: Mix;
  /** New value for each value of the byte. */
  readonly tos?: Uint8Array;
  readonly ttl?: Uint8Array;
  /** Fields that have a value nobody knows. */
  readonly forgotten: ReadonlySet<AssignableField>;
  readonly notrack: boolean;
  /** What rules prepared for its connection: NOTRACK has no effect behind it. */
  readonly tracks?: Tracks;
  readonly destination?: Translation;
  readonly source?: Translation;
  /** How often the packet's bytes have changed; more often than MOST_CHANGES counts as once more. */
  readonly edition: number;
  /** A redirected local packet leaves by the loopback interface. */
  readonly out?: 'lo';
}

/** `(own & keep) ^ (other & take) ^ xor`, where the other of `mark` is `ctmark` and the other way round. */
export interface Mix {
  readonly keep: number;
  readonly take: number;
  readonly xor: number;
}

/** A translated end of the connection; see TranslateAction. */
export interface Translation {
  readonly address?: TranslateAction['address'];
  readonly port?: { readonly lo: number; readonly hi: number };
  readonly random?: true;
  readonly changed: Changed;
}

/** So many changes of a packet's bytes are told apart: hundreds of rules that change it would make as many transforms. */
export const MOST_CHANGES = 4;

const NOTHING: ReadonlySet<AssignableField> = new Set();

/** Nothing was done. */
export const IDENTITY: Transform = { forgotten: NOTHING, notrack: false, edition: 0 };

const keys = new WeakMap<Transform, string>();

/** A text that equal transforms share, and no others. A chain of thousands of translations asks for each many times. */
export function transformKey(t: Transform): string {
  if (t === IDENTITY) return '';
  return kept(keys, t, () => keyOf(t));
}

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

/** Transforms of an action by what they are made with: chains are followed once for each hook and state, with the same actions. */
const ofActions = new WeakMap<object, Map<number | string, Transform>>();

function once(action: object, key: number | string, make: () => Transform): Transform {
  return kept(
    kept(ofActions, action, () => new Map()),
    key,
    make,
  );
}

/** The transform of an assignment; of `edition` it says whether it changes the packet's bytes. */
export function assigned(action: AssignAction, edition: number): Transform {
  return once(action, edition, () => assignment(action, edition));
}

function assignment(action: AssignAction, edition: number): Transform {
  const { field, keep, xor } = action;
  const take = action.from === undefined ? 0 : (action.take ?? 0);
  if (field === 'tcpFlags') return { ...IDENTITY, forgotten: new Set([field]), edition };
  if (field === 'tos' || field === 'ttl') {
    const { plus = 0 } = action;
    return { ...IDENTITY, [field]: table((x) => clamped(((x & keep) ^ xor) + plus)), edition };
  }
  const own = action.from === field ? (keep ^ take) >>> 0 : keep >>> 0;
  return {
    ...IDENTITY,
    [field]: { keep: own, take: action.from === field ? 0 : take >>> 0, xor: xor >>> 0 },
  };
}

/** The transform of a field that gets an unknown value. */
export function forgot(field: AssignableField): Transform {
  const edition = field === 'mark' || field === 'ctmark' ? 0 : 1;
  return { ...IDENTITY, forgotten: new Set([field]), edition };
}

/** What is prepared for a connection. */
export const TRACKED: Readonly<Record<Tracks, Transform>> = {
  first: { ...IDENTITY, tracks: 'first' },
  always: { ...IDENTITY, tracks: 'always' },
};

/** NOTRACK. */
export const UNTRACKED: Transform = { ...IDENTITY, notrack: true };

/** A forwarded packet's TTL is one less from the forward hook on (net/ipv4/ip_forward.c). */
export const FORWARDED: Transform = { ...IDENTITY, ttl: table((x) => (x < 2 ? 0 : x - 1)) };

/** A redirected local packet is routed anew, to the loopback interface. */
export const LEAVES_BY_LOOPBACK: Transform = { ...IDENTITY, out: 'lo' };

/** The transform of a translation. */
export function translated(action: TranslateAction, changed: Changed): Transform {
  return once(action, changed, () => translation(action, changed));
}

function translation({ what, address, port, random }: TranslateAction, changed: Changed): Transform {
  const end: Translation = {
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    ...(random === true ? { random } : {}),
    changed,
  };
  const edition = changed === 'no' ? 0 : 1;
  return what === 'dnat' ? { ...IDENTITY, destination: end, edition } : { ...IDENTITY, source: end, edition };
}

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

/** Transforms that were composed, by their keys: one for all that are equal, so that what is composed of it is found again. */
const canonical = new Map<string, Transform>();
/** A rule set has a few hundred; those of hosts that were checked before are let go. */
const MOST_CANONICAL = 20_000;

function oneOf(transform: Transform): Transform {
  const key = transformKey(transform);
  const known = canonical.get(key);
  if (known !== undefined) return known;
  if (canonical.size >= MOST_CANONICAL) canonical.clear();
  canonical.set(key, transform);
  return transform;
}

function composition(a: Transform, b: Transform): Transform {
  const destination = b.destination ?? a.destination;
  const source = b.source ?? a.source;
  const out = b.out ?? a.out;
  return {
    ...composeMarks(a, b),
    ...composeBytes('tos', a, b),
    ...composeBytes('ttl', a, b),
    forgotten: composeForgotten(a, b),
    ...composeTracking(a, b),
    ...(destination === undefined ? {} : { destination }),
    ...(source === undefined ? {} : { source }),
    edition: Math.min(a.edition + b.edition, MOST_CHANGES + 1),
    ...(out === undefined ? {} : { out }),
  };
}

/** See Tracks of rule/ruleset.ts. */
function composeTracking(a: Transform, b: Transform): Pick<Transform, 'notrack' | 'tracks'> {
  if (a.tracks === 'always' || b.tracks === 'always') return { notrack: false, tracks: 'always' };
  if (a.tracks !== undefined) return { notrack: false, tracks: a.tracks };
  if (a.notrack || b.tracks === undefined) return { notrack: a.notrack || b.notrack };
  return { notrack: false, tracks: b.tracks };
}

/** The identity of {@link Mix}. */
export const KEEP: Mix = { keep: 0xffffffff, take: 0, xor: 0 };

const clamped = (value: number): number => Math.min(255, Math.max(0, value));

function table(of: (value: number) => number): Uint8Array {
  const made = new Uint8Array(256);
  for (let value = 0; value < 256; value++) made[value] = of(value);
  return made;
}

function composeForgotten(a: Transform, b: Transform): ReadonlySet<AssignableField> {
  if (a.forgotten.size === 0) return b.forgotten;
  const forgotten = new Set(b.forgotten);
  for (const field of a.forgotten) if (!overwrites(b, field)) forgotten.add(field);
  if (a.forgotten.has('mark') && (b.ctmark?.take ?? 0) !== 0) forgotten.add('ctmark');
  if (a.forgotten.has('ctmark') && (b.mark?.take ?? 0) !== 0) forgotten.add('mark');
  return forgotten;
}

function overwrites(t: Transform, field: AssignableField): boolean {
  if (t.forgotten.has(field)) return false;
  if (field === 'tos' || field === 'ttl')
    return t[field]?.every((value, _, all) => value === all[0]) ?? false;
  return field !== 'tcpFlags' && t[field]?.keep === 0;
}

function composeMarks(a: Transform, b: Transform): { mark?: Mix; ctmark?: Mix } {
  const mark = b.mark === undefined ? a.mark : mixOf(b.mark, a.mark ?? KEEP, a.ctmark ?? KEEP);
  const ctmark = b.ctmark === undefined ? a.ctmark : mixOf(b.ctmark, a.ctmark ?? KEEP, a.mark ?? KEEP);
  return { ...(mark === undefined ? {} : { mark }), ...(ctmark === undefined ? {} : { ctmark }) };
}

function mixOf(later: Mix, own: Mix, other: Mix): Mix {
  return {
    keep: ((own.keep & later.keep) ^ (other.take & later.take)) >>> 0,
    take: ((own.take & later.keep) ^ (other.keep & later.take)) >>> 0,
    xor: ((own.xor & later.keep) ^ (other.xor & later.take) ^ later.xor) >>> 0,
  };
}

function composeBytes(
  field: 'tos' | 'ttl',
  a: Transform,
  b: Transform,
): Partial<Record<'tos' | 'ttl', Uint8Array>> {
  const [first, second] = [a[field], b[field]];
  if (second === undefined) return first === undefined ? {} : { [field]: first };
  return { [field]: first === undefined ? second : table((x) => second[first[x] as number] as number) };
}
