/** So many answers are kept; then all are forgotten, so that a report of a million findings keeps no million of them. */
const KEPT = 1 << 13;

/**
 * The function, which remembers what it answered to an object: to this very object, not to its like. For objects that do not change
 * and functions that answer always the same.
 */
export function remembered<K extends object, V>(answer: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = answer(key);
      if (known.size >= KEPT) known.clear();
      known.set(key, value);
    }
    return value;
  };
}
