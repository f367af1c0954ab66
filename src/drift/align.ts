/** Two entries that are taken for one, or one that has no counterpart. */
export interface Alignment<A, B> {
  readonly same: readonly (readonly [A, B])[];
  readonly changed: readonly (readonly [A, B])[];
  readonly removed: readonly A[];
  readonly added: readonly B[];
}

/** Of larger gaps only entries at the same place are compared. */
const LARGEST_GAP = 250_000;
/** Less alike than this, two entries are two. */
const THRESHOLD = 0.5;

/**
 * Pairs two lists. Entries with equal keys are the same, in order. Between the same ones, those that are most alike are
 * one that changed; the rest was removed or added.
 *
 * @param alike from 0 (nothing in common) to 1
 */
export function align<A, B>(
  before: readonly A[],
  after: readonly B[],
  keys: { readonly before: (entry: A) => string; readonly after: (entry: B) => string },
  alike: (a: A, b: B) => number,
): Alignment<A, B> {
  const partner = equalOnes(before.map(keys.before), after.map(keys.after));
  const taken = new Set(partner.filter((at) => at !== undefined));
  const same = before.flatMap((entry, i): (readonly [A, B])[] => {
    const at = partner[i];
    return at === undefined ? [] : [[entry, after[at] as B]];
  });
  const changed: (readonly [A, B])[] = [];
  const matched = { before: new Set<A>(), after: new Set<B>() };
  for (const [from, to] of gaps(partner, after.length)) {
    const left = from.map((i) => before[i] as A);
    const right = to.filter((i) => !taken.has(i)).map((i) => after[i] as B);
    for (const pair of likest(left, right, alike)) {
      changed.push(pair);
      matched.before.add(pair[0]);
      matched.after.add(pair[1]);
    }
  }
  return {
    same,
    changed,
    removed: before.filter((entry, i) => partner[i] === undefined && !matched.before.has(entry)),
    added: after.filter((entry, i) => !taken.has(i) && !matched.after.has(entry)),
  };
}

/** For each entry of the first list, where its equal stands in the second; each of those once. */
function equalOnes(before: readonly string[], after: readonly string[]): (number | undefined)[] {
  const places = new Map<string, number[]>();
  for (const [i, key] of after.entries()) {
    const known = places.get(key);
    if (known === undefined) places.set(key, [i]);
    else known.push(i);
  }
  for (const list of places.values()) list.reverse();
  return before.map((key) => places.get(key)?.pop());
}

/** Runs of unpaired entries of the first list, each with the places of the second list that lie between their neighbours'. */
function gaps(partner: readonly (number | undefined)[], length: number): [number[], number[]][] {
  const found: [number[], number[]][] = [];
  let last = -1;
  for (let i = 0; i < partner.length; ) {
    const at = partner[i];
    if (at !== undefined) {
      last = at;
      i++;
      continue;
    }
    const run: number[] = [];
    while (i < partner.length && partner[i] === undefined) run.push(i++);
    const next = partner[i] ?? length;
    const between = next > last ? Array.from({ length: next - last - 1 }, (_, k) => last + 1 + k) : [];
    found.push([run, between]);
  }
  return found;
}

function likest<A, B>(left: readonly A[], right: readonly B[], alike: (a: A, b: B) => number): [A, B][] {
  const large = left.length * right.length > LARGEST_GAP;
  const pairs = left.flatMap((a, i) =>
    (large ? right.slice(i, i + 1) : right).map((b, j) => ({
      a,
      b,
      score: alike(a, b),
      apart: large ? 0 : Math.abs(i - j),
    })),
  );
  const good = pairs.filter(({ score }) => score >= THRESHOLD);
  good.sort((x, y) => y.score - x.score || x.apart - y.apart);
  const used = new Set<unknown>();
  return good.flatMap(({ a, b }): [A, B][] => {
    if (used.has(a) || used.has(b)) return [];
    used.add(a).add(b);
    return [[a, b]];
  });
}

/** How alike two texts are, by the words and numbers that they share: 1 for equal ones. */
export function textLikeness(a: string, b: string): number {
  if (a === b) return 1;
  const [one, other] = [a, b].map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  if (one === undefined || other === undefined || one.size + other.size === 0) return 0;
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (one.size + other.size - shared);
}
