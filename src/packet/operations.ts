import { ALL, type Diagram, EXISTS, type Node } from './diagram.ts';
import {
  bitsOf,
  type DiagramField,
  FIRST_VARIABLE,
  type Layout,
  VARIABLE_BIT,
  VARIABLE_LIMIT,
} from './layout.ts';

/** Levels to quantify, see {@link exists} and {@link levelSet}. */
export interface LevelSet {
  /** Equal sets have equal numbers. */
  readonly id: number;
  /** `1` at each level that is quantified. */
  readonly levels: Uint8Array;
  /** The last of them, -1 where there is none. */
  readonly last: number;
  /** The bits of their fields, see `Layout.fieldBit`. */
  readonly fields: number;
}

const levelSets = new Map<Layout, Map<string, LevelSet>>();

/** The levels of the fields, and of every variable where `variables` is given (from that level on). */
export function levelSet(layout: Layout, fields: readonly DiagramField[], variablesFrom = 256): LevelSet {
  return levelsCalled(layout, `${fields.join()} ${variablesFrom}`, (levels) => {
    for (const field of fields) for (const level of layout.levels[field]) levels[level] = 1;
    const variables = variablesFrom < 255;
    if (variables) levels.fill(1, variablesFrom, FIRST_VARIABLE + VARIABLE_LIMIT);
    return bitsOf(fields) | (variables ? VARIABLE_BIT : 0);
  });
}

/** The level of one variable. */
export function variableLevel(layout: Layout, level: number): LevelSet {
  return levelsCalled(layout, `variable ${level}`, (levels) => {
    levels[level] = 1;
    return VARIABLE_BIT;
  });
}

/**
 * The layout's set of a key, made when it is first asked for.
 *
 * @param mark sets the levels and gives the bits of their fields
 */
function levelsCalled(layout: Layout, key: string, mark: (levels: Uint8Array) => number): LevelSet {
  let known = levelSets.get(layout);
  if (known === undefined) {
    known = new Map();
    levelSets.set(layout, known);
  }
  let set = known.get(key);
  if (set === undefined) {
    const levels = new Uint8Array(256);
    const fields = mark(levels);
    set = { id: known.size, levels, last: levels.lastIndexOf(1), fields };
    known.set(key, set);
  }
  return set;
}

/** The node that takes the place of one at a level; `walk` gives those of other nodes. */
type Visit = (at: Node, level: number, walk: (node: Node) => Node) => Node;

/** Goes through a set down to the level `last`, each node once; what depends on none of the fields stays as it is. */
function throughNodes(diagram: Diagram, node: Node, last: number, fields: number, visit: Visit): Node {
  const memo = new Map<Node, Node>();
  const walk = (at: Node): Node => {
    if ((diagram.fields(at) & fields) === 0) return at;
    const level = diagram.level(at);
    if (level > last) return at;
    let result = memo.get(at);
    if (result === undefined) {
      result = visit(at, level, walk);
      memo.set(at, result);
    }
    return result;
  };
  return walk(node);
}

/** The bits of the fields that levels belong to. */
export function fieldsAt({ fieldBit }: Layout, levels: Iterable<number>): number {
  let bits = 0;
  for (const level of levels) bits |= fieldBit[level] as number;
  return bits;
}

/** The same node over other children, at `level`. */
function rebuilt(diagram: Diagram, at: Node, level: number, walk: (node: Node) => Node): Node {
  const mark = diagram.begin();
  const total = diagram.edgeTotal(at);
  for (let i = 0; i < total; i++) diagram.push(mark, walk(diagram.child(at, i)), diagram.bound(at, i));
  return diagram.finish(mark, level);
}

/** Packets for which some value at the given levels is in the set (existential quantification). */
export function exists(diagram: Diagram, node: Node, set: LevelSet): Node {
  if ((diagram.fields(node) & set.fields) === 0) return node;
  const level = diagram.level(node);
  if (level > set.last) return node;
  const known = diagram.remembered(EXISTS, node, set.id);
  if (known !== undefined) return known;
  const result =
    set.levels[level] === 1 ? anyChild(diagram, node, set) : eachChild(diagram, node, level, set);
  diagram.remember(EXISTS, node, set.id, result);
  return result;
}

function anyChild(diagram: Diagram, node: Node, set: LevelSet): Node {
  const total = diagram.edgeTotal(node);
  let result = exists(diagram, diagram.child(node, 0), set);
  for (let i = 1; i < total && result !== ALL; i++)
    result = diagram.or(result, exists(diagram, diagram.child(node, i), set));
  return result;
}

function eachChild(diagram: Diagram, node: Node, level: number, set: LevelSet): Node {
  const mark = diagram.begin();
  const total = diagram.edgeTotal(node);
  for (let i = 0; i < total; i++)
    diagram.push(mark, exists(diagram, diagram.child(node, i), set), diagram.bound(node, i));
  return diagram.finish(mark, level);
}

/**
 * The set seen through a function of single bytes: a packet is in the result where it is in `node` after its byte at
 * each level of `tables` was replaced by the table's value for it.
 */
export function remap(diagram: Diagram, node: Node, tables: ReadonlyMap<number, Uint8Array>): Node {
  // A byte that is set, whatever it was, is looked up once and not 256 times.
  const constants = new Set<number>();
  for (const [level, table] of tables) if (table.every((value) => value === table[0])) constants.add(level);
  return throughNodes(
    diagram,
    node,
    Math.max(...tables.keys()),
    fieldsAt(diagram.layout, tables.keys()),
    (at, level, walk) => {
      const table = tables.get(level);
      if (table === undefined) return rebuilt(diagram, at, level, walk);
      const only = table[0] as number;
      if (constants.has(level)) return walk(diagram.step(at, level, only));
      const mark = diagram.begin();
      for (let value = 0; value < 256; value++)
        diagram.push(mark, walk(diagram.step(at, level, table[value] as number)), value);
      return diagram.finish(mark, level);
    },
  );
}

/** The same where each byte at a level of `values` gets that one value, whatever it was. */
export function withBytes(diagram: Diagram, node: Node, values: ReadonlyMap<number, number>): Node {
  return throughNodes(
    diagram,
    node,
    Math.max(...values.keys()),
    fieldsAt(diagram.layout, values.keys()),
    (at, level, walk) => {
      const value = values.get(level);
      return value === undefined ? rebuilt(diagram, at, level, walk) : walk(diagram.step(at, level, value));
    },
  );
}

/** One byte's function of two bytes: `(first & fromFirst) ^ (second & fromSecond) ^ xor`. */
export interface ByteMix {
  readonly fromFirst: number;
  readonly fromSecond: number;
  readonly xor: number;
}

/** A node at `level` of which only some bits of the byte say what is below. */
function byteNode(diagram: Diagram, level: number, bits: number, child: (value: number) => Node): Node {
  const known: (Node | undefined)[] = new Array(256).fill(undefined);
  // Children first: an edge waits on the diagram's stack, and there shall not be 256 of each of many nodes.
  for (let value = 0; value < 256; value++) known[value & bits] ??= child(value & bits);
  const mark = diagram.begin();
  for (let value = 0; value < 256; value++) diagram.push(mark, known[value & bits] as Node, value);
  return diagram.finish(mark, level);
}

/**
 * Like {@link remap} for two fields whose bytes are interleaved (mark and ctmark): each new byte is a mix of both old
 * ones. `mixes[i]` is for the i-th byte of both fields.
 */
export function remapPair(
  diagram: Diagram,
  node: Node,
  firstLevels: readonly number[],
  secondLevels: readonly number[],
  mixes: readonly (readonly [ByteMix, ByteMix])[],
): Node {
  const last = secondLevels[secondLevels.length - 1] as number;
  const fields = fieldsAt(diagram.layout, [...firstLevels, ...secondLevels]);
  return throughNodes(diagram, node, last, fields, (at, level, walk) => {
    const index = firstLevels.findIndex((first, i) => level === first || level === secondLevels[i]);
    if (index < 0) return rebuilt(diagram, at, level, walk);
    const [first, second] = [firstLevels[index] as number, secondLevels[index] as number];
    const [mixFirst, mixSecond] = mixes[index] as readonly [ByteMix, ByteMix];
    // Of each byte only these bits matter: values that have them alike come to the same.
    const fromFirst = mixFirst.fromFirst | mixSecond.fromFirst;
    const fromSecond = mixFirst.fromSecond | mixSecond.fromSecond;
    const of = (a: number, b: number): Node => {
      const newA = (a & mixFirst.fromFirst) ^ (b & mixFirst.fromSecond) ^ mixFirst.xor;
      const newB = (a & mixSecond.fromFirst) ^ (b & mixSecond.fromSecond) ^ mixSecond.xor;
      return walk(diagram.step(diagram.step(at, first, newA), second, newB));
    };
    const below = (a: number): Node => byteNode(diagram, second, fromSecond, (b) => of(a, b));
    return byteNode(diagram, first, fromFirst, below);
  });
}

/**
 * Moves what a set says of some levels to others: `moves` maps old levels to new ones. The order of the levels that
 * the set tests must stay the same under the moves.
 */
export function rename(diagram: Diagram, node: Node, moves: ReadonlyMap<number, number>): Node {
  return throughNodes(
    diagram,
    node,
    Math.max(...moves.keys()),
    fieldsAt(diagram.layout, moves.keys()),
    (at, level, walk) => rebuilt(diagram, at, moves.get(level) ?? level, walk),
  );
}
