/** The value of a key, made when it is first asked for. */
export function kept<K, V>(
  values: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  let value = values.get(key);
  if (value === undefined) {
    value = make();
    values.set(key, value);
  }
  return value;
}

/** The function, which answers once of each object, and holds none of them: a site has a rule set for each of its thousands of hosts. */
export function onceOf<K extends object, V>(answer: (key: K) => V): (key: K) => V {
  const values = new WeakMap<K, V>();
  return (key) => kept(values, key, () => answer(key));
}
