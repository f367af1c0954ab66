import { type Diagram, type Node, NONE } from './diagram.ts';
import { intervalsNode } from './intervals.ts';
import { type DiagramField, TERMINAL_LEVEL } from './layout.ts';
import { type FieldSet, pathOf, type Product } from './product.ts';
import type { Ranges } from './ranges.ts';
import { Sweep } from './sweep.ts';

/** How many list entries may be looked at for each product, before combining diagrams two by two is better. */
const STEPS = 24;
/** Lists of more values are those of named sets, which many products share. */
const LONG = 32;

/** What is known of a list of products. */
interface Known {
  readonly list: Int32Array;
  readonly level: number;
  readonly node: Node;
}

/** Products whose field at one level has the same values. */
interface Group {
  readonly values: Ranges<number> | Ranges<bigint>;
  readonly first: number;
  /** The others, in ascending order. */
  more: number[] | undefined;
}

/**
 * Products one after the other, all at once: each packet is decided by the first that has it. Field by field, the values of
 * the field are divided into intervals in which the same products are left; what these say of later fields is found once
 * for each list of them. No diagram of a single product is made, nor any that is not part of the result.
 */
export class ProductMerge {
  private left: number;
  private readonly known = new Map<number, Known[]>();
  /** The levels at which the fields of each product begin: those of product i from `begins[i]` on, up to `begins[i + 1]`. */
  private readonly levels: Uint8Array;
  private readonly begins: Int32Array;

  constructor(
    private readonly diagram: Diagram,
    private readonly products: readonly Product[],
  ) {
    const count = products.length;
    this.begins = new Int32Array(count + 1);
    for (let i = 0; i < count; i++)
      this.begins[i + 1] = (this.begins[i] as number) + (products[i] as Product).fields.length;
    this.levels = new Uint8Array(this.begins[count] as number);
    const lists = new Set<object>();
    let values = 0;
    let at = 0;
    for (const { fields } of products)
      for (const set of fields) {
        this.levels[at++] = diagram.layout.levels[set.field][0] as number;
        if (set.values.length <= LONG || lists.has(set.values)) continue;
        lists.add(set.values);
        values += set.values.length;
      }
    this.left = STEPS * (count + values);
  }

  /** Undefined where the products overlap so much that combining diagrams two by two is better. */
  result(): Node | undefined {
    const node = this.of(Int32Array.from(this.products.keys()), 0);
    return this.left < 0 ? undefined : node;
  }

  /** @param level from which on the products' fields are still to be looked at */
  private of(all: Int32Array, level: number): Node {
    let next = TERMINAL_LEVEL;
    let count = 0;
    // Behind a product that has every packet nothing is left.
    for (let own = 0; count < all.length && own !== TERMINAL_LEVEL; count++) {
      const at = this.fieldFrom(all[count] as number, level);
      own = at < 0 ? TERMINAL_LEVEL : (this.levels[at] as number);
      if (own < next) next = own;
    }
    this.left -= all.length;
    if (count === 0 || this.left < 0) return NONE;
    if (count === 1) return this.path(all[0] as number, level);
    const list = all.subarray(0, count);
    const hash = hashOf(list, next);
    let known = this.known.get(hash);
    const before = known?.find((one) => one.level === next && sameNumbers(one.list, list));
    if (before !== undefined) return before.node;
    const node = this.divided(list, next);
    if (known === undefined) {
      known = [];
      this.known.set(hash, known);
    }
    known.push({ list, level: next, node });
    return node;
  }

  /** Where the product's first field from `level` on stands in `levels`; -1 where there is none. */
  private fieldFrom(product: number, level: number): number {
    const end = this.begins[product + 1] as number;
    for (let at = this.begins[product] as number; at < end; at++)
      if ((this.levels[at] as number) >= level) return at;
    return -1;
  }

  /** What is left of one product. */
  private path(product: number, level: number): Node {
    const { fields, leaf } = this.products[product] as Product;
    const at = this.fieldFrom(product, level);
    return at < 0 ? leaf : pathOf(this.diagram, fields, leaf, at - (this.begins[product] as number));
  }

  /** The list of products by the values of the field at the level. */
  private divided(list: Int32Array, level: number): Node {
    const groups: Group[] = [];
    const long = new Map<object, Group>();
    const others: number[] = [];
    let field: FieldSet | undefined;
    for (const product of list) {
      const at = this.fieldFrom(product, level);
      if (at < 0 || this.levels[at] !== level) {
        others.push(product);
        continue;
      }
      field = (this.products[product] as Product).fields[at - (this.begins[product] as number)] as FieldSet;
      const { values } = field;
      const same = values.length > LONG ? long.get(values) : undefined;
      if (same !== undefined) {
        if (same.more === undefined) same.more = [];
        same.more.push(product);
        continue;
      }
      const group = { values, first: product, more: undefined };
      groups.push(group);
      if (values.length > LONG) long.set(values, group);
    }
    return this.swept(groups, others, field as FieldSet, level);
  }

  private swept(
    groups: readonly Group[],
    others: readonly number[],
    { field, width }: FieldSet,
    level: number,
  ): Node {
    const below = (active: readonly number[]): Node => {
      const only = groups[active[0] as number];
      if (only === undefined) return this.of(Int32Array.from(others), level + 1);
      if (active.length === 1 && others.length === 0 && only.more === undefined)
        return this.path(only.first, level + 1);
      return this.of(listOf(others, groups, active), level + 1);
    };
    const sweep = new Sweep(
      groups.map(({ values }) => values),
      this.greatest(field, width),
      below,
    );
    this.left -= sweep.size;
    const { starts, nodes } = sweep.run();
    if (this.left < 0) return NONE;
    return intervalsNode(this.diagram, starts, nodes, this.diagram.layout.levels[field], width);
  }

  private greatest(field: DiagramField, width: number): number | bigint {
    const { levels, top } = this.diagram.layout;
    if (width === 1) return top[levels[field][0] as number] as number;
    return width > 6 ? (1n << BigInt(8 * width)) - 1n : 256 ** width - 1;
  }
}

/** The products of some groups and others, in ascending order. */
function listOf(others: readonly number[], groups: readonly Group[], active: readonly number[]): Int32Array {
  const list = [...others];
  for (const at of active) {
    const { first, more } = groups[at] as Group;
    list.push(first);
    if (more !== undefined) for (const product of more) list.push(product);
  }
  return Int32Array.from(list).sort();
}

function hashOf(list: Int32Array, level: number): number {
  let hash = level;
  for (let i = 0; i < list.length; i++)
    hash = Math.imul(hash ^ (list[i] as number), 0x85ebca6b) ^ (hash >>> 15);
  return hash;
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
