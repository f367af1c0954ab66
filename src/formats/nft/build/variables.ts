import type { Atom, GroupAtom } from '../../../../grammars/nft/atoms.ts';
import type { Place } from '../ast/ast.ts';
import { readRight } from './right.ts';
import { Cursor } from './cursor.ts';
import { isName } from './keywords.ts';
import type { Problems } from '../problems.ts';

/** More atoms than variables may bring in: a handful of nested definitions could ask for any number of them. */
const MOST_ATOMS = 4_000_000;
const budgets = new WeakMap<Problems, { left: number }>();

/** The variables that a block sees: its own, and those of the blocks around it (`nft(8)`, SYMBOLIC VARIABLES). */
export class Scope {
  private readonly own = new Map<string, readonly Atom[]>();
  /** How many variables were not there. */
  private missing = 0;

  constructor(
    private readonly problems: Problems,
    private readonly around?: Scope,
  ) {}

  /** The scope of a block in this one. */
  inner(): Scope {
    return new Scope(this.problems, this);
  }

  private find(name: string): readonly Atom[] | undefined {
    return this.own.get(name) ?? this.around?.find(name);
  }

  /** `define`, `redefine` and `undefine`; whether the statement was one of them. */
  statement(atoms: readonly Atom[]): boolean {
    const [word, name, equals] = atoms;
    if (word?.kind !== 'word' || !/^(?:re|un)?define$/.test(word.text)) return false;
    if (name?.kind !== 'word') return this.wrong(word, 'a name');
    if (!isName(name.text)) return this.wrong(name, 'a name');
    if (word.text === 'undefine') {
      if (atoms.length > 2) return this.wrong(atoms[2] as Atom, 'the end of the statement');
      // What is not defined in this block stays as it is, and nft says nothing (src/rule.c of nftables, symbol_unbind).
      this.own.delete(name.text);
      return true;
    }
    if (equals?.kind !== 'sign' || equals.text !== '=' || atoms.length < 4)
      return this.wrong(equals ?? name, '`=` and a value');
    const value = atoms[3] as Atom;
    if (value.kind === 'sign' && value.text === '=') return this.wrong(value, 'a value');
    if (word.text === 'define' && this.find(name.text) !== undefined)
      this.problems.error('defined-twice', name, `\`${name.text}\` is defined already`, {
        help: '`redefine` gives it another value',
      });
    const expanded = this.expand(atoms.slice(3));
    if (!this.problems.free && expanded.length > 0) this.check(expanded, atoms);
    this.own.set(name.text, expanded);
    return true;
  }

  /** A value is one value, a list of values, a set, the name of one, or a number below 0. */
  private check(value: readonly Atom[], statement: readonly Atom[]): void {
    const [first, last] = [statement[3] as Atom, statement[statement.length - 1] as Atom];
    const cursor = new Cursor(value, this.problems, { start: first.start, end: last.end });
    if (cursor.sign() === '-') {
      cursor.next();
      cursor.count();
    } else readRight(cursor);
    if (!cursor.done) cursor.fail('the end of the statement');
  }

  /** The atoms with the values of their variables; none where a variable is not defined, which is told. */
  expand(atoms: readonly Atom[]): readonly Atom[] {
    if (!mentions(atoms)) return atoms;
    const { missing } = this;
    const out: Atom[] = [];
    for (let at = 0; at < atoms.length; at++) {
      const atom = atoms[at] as Atom;
      if (atom.kind === 'group') out.push(this.expandGroup(atom));
      else if (atom.kind !== 'sign' || atom.text !== '$') out.push(atom);
      else {
        const name = atoms[++at];
        for (const inner of this.value(atom, name)) out.push(inner);
      }
    }
    return this.missing > missing ? [] : out;
  }

  private expandGroup(group: GroupAtom): Atom {
    return { ...group, body: group.body.map((statement) => this.expand(statement)) };
  }

  private value(dollar: Atom, name: Atom | undefined): readonly Atom[] {
    if (name?.kind !== 'word') {
      this.wrong(dollar, 'the name of a variable after `$`');
      return [];
    }
    const value = this.find(name.text);
    if (value === undefined) {
      this.undefinedVariable(name.text, { start: dollar.start, end: name.end });
      return [];
    }
    const budget = budgets.get(this.problems) ?? { left: MOST_ATOMS };
    budgets.set(this.problems, budget);
    budget.left -= sizeOf(value);
    if (budget.left < 0) {
      this.problems.error('too-large', name, 'the variables of this file make it too large to read');
      return [];
    }
    const place = { start: dollar.start, end: name.end };
    return value.map((atom) => (atom.kind === 'group' ? atom : { ...atom, ...place, variable: true }));
  }

  private undefinedVariable(name: string, place: Place): void {
    this.missing++;
    this.problems.error('undefined-variable', place, `the variable \`${name}\` is not defined`, {
      help: `write \`define ${name} = …\` before this`,
    });
  }

  private wrong(place: Place, expected: string): true {
    this.problems.error('nft-syntax', place, 'this defines no variable', { expected });
    return true;
  }
}

const sizes = new WeakMap<readonly Atom[], number>();

function sizeOf(atoms: readonly Atom[]): number {
  const known = sizes.get(atoms);
  if (known !== undefined) return known;
  let size = atoms.length;
  for (const atom of atoms)
    if (atom.kind === 'group' && atom.flat === undefined)
      for (const inner of atom.body) size += sizeOf(inner);
    else if (atom.kind === 'group') size += (atom.flat as string).length / 4;
  sizes.set(atoms, size);
  return size;
}

function mentions(atoms: readonly Atom[]): boolean {
  return atoms.some((atom) =>
    atom.kind === 'group'
      ? atom.flat === undefined && atom.body.some(mentions)
      : atom.kind === 'sign' && atom.text === '$',
  );
}
