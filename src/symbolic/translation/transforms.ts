import type { DiagramField } from '../../packet/layout.ts';
import type { AssignAction, ForgettableField, Tracks, TranslateAction } from '../../rule/action.ts';
import { kept } from '../../text/kept.ts';
import type { Changed } from '../scope.ts';
import { table, Transform, type Translation } from './transform.ts';

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
  if (field === 'tcpFlags') return new Transform({ forgotten: new Set([field]), edition });
  if (field === 'tos' || field === 'ttl') {
    const { plus = 0 } = action;
    return new Transform({ [field]: table((x) => clamped(((x & keep) ^ xor) + plus)), edition });
  }
  const own = action.from === field ? (keep ^ take) >>> 0 : keep >>> 0;
  return new Transform({
    [field]: { keep: own, take: action.from === field ? 0 : take >>> 0, xor: xor >>> 0 },
  });
}

/** The transform of a field that gets an unknown value. */
export function forgot(field: ForgettableField): Transform {
  const edition = field === 'mark' || field === 'ctmark' ? 0 : 1;
  const began = BEGAN[field];
  return new Transform({ forgotten: new Set(began === undefined ? [field] : [field, began]), edition });
}

/** What a packet's connection keeps of the field, where it begins with the packet. */
const BEGAN: Readonly<Partial<Record<ForgettableField, DiagramField>>> = {
  src: 'origSrc',
  dst: 'origDst',
  sport: 'origSport',
  dport: 'origDport',
};

/** What is prepared for a connection. */
export const TRACKED: Readonly<Record<Tracks, Transform>> = {
  first: new Transform({ tracks: 'first' }),
  always: new Transform({ tracks: 'always' }),
};

/** NOTRACK. */
export const UNTRACKED: Transform = new Transform({ notrack: true });

/** A forwarded packet's TTL is one less from the forward hook on (net/ipv4/ip_forward.c). */
export const FORWARDED: Transform = new Transform({ ttl: table((x) => (x < 2 ? 0 : x - 1)) });

/** A local packet that is sent elsewhere is routed anew, to another interface. */
export function leavesBy(out: string): Transform {
  return kept(LEAVING, out, () => new Transform({ out }));
}

const LEAVING = new Map<string, Transform>();

/** The transform of a translation. */
export function translated(action: TranslateAction, changed: Changed): Transform {
  return once(action, changed, () => translation(action, changed));
}

function translation({ what, address, port, random }: TranslateAction, changed: Changed): Transform {
  const end: Translation = {
    address,
    port,
    random: random === true ? random : undefined,
    changed,
  };
  const edition = changed === 'no' ? 0 : 1;
  return new Transform(what === 'dnat' ? { destination: end, edition } : { source: end, edition });
}

const clamped = (value: number): number => Math.min(255, Math.max(0, value));
