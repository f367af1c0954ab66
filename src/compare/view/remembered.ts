/** So much is kept; then all is forgotten, so that a report of a million findings keeps no million answers. */
interface Room<V> {
  readonly most: number;
  /** How much of it an answer takes. */
  readonly sizeOf: (value: V) => number;
}

/** Answers are counted, unless somebody says how large they are. */
const FEW: Room<unknown> = { most: 1 << 13, sizeOf: () => 1 };

/** What is small. */
type Little = object & { readonly chains?: never; readonly ruleset?: never };

/**
 * The function, which remembers what it answered to an object: to this very object, not to its like. For objects that do not change
 * and functions that answer always the same. It holds the objects: of rule sets and of what has one, of which a site has thousands, `onceOf` (text/kept.ts)
 * remembers as much and holds none, and the types keep them away from here.
 */
export function remembered<K extends Little, V>(answer: (key: K) => V, room: Room<V> = FEW): (key: K) => V {
  const known = new Map<K, V>();
  let size = 0;
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = answer(key);
      const more = room.sizeOf(value);
      if (size + more > room.most) {
        known.clear();
        size = 0;
      }
      size += more;
      known.set(key, value);
    }
    return value;
  };
}
