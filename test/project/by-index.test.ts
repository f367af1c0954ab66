import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { takenByIndex } from '../../scripts/by-index.js';

/** What the build makes of function bodies, one for each; types come from one program, which takes a second to make. */
function written(bodies: readonly string[]): string[] {
  const name = 'bodies.ts';
  const text = `${HEAD}${bodies.map((body, i) => `function body${i}() {${body}}`).join('\n')}`;
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2023, strict: true, noEmit: true };
  const host = ts.createCompilerHost(options);
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
  const fromDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (path, target) => (path === name ? file : fromDisk(path, target));
  const program = ts.createProgram([name], options, host);
  expect(program.getSemanticDiagnostics(file).map(({ messageText }) => messageText)).toEqual([]);
  return takenByIndex(file, program.getTypeChecker())
    .split(/^function /m)
    .slice(1)
    .map((one) => `function ${one}`);
}

const HEAD = `
const list: readonly number[] = [3, 4, 5];
const pairs: readonly (readonly [string, number])[] = [['a', 1], ['b', 2]];
const map = new Map(pairs);
`;

const javascript = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023 } }).outputText;

/** What the body returns, as the source says and as the build writes it. */
function results(body: string, built: string): unknown[] {
  const called = built.match(/^function (\w+)/)?.[1];
  return [
    new Function(javascript(`${HEAD}${body}`))(),
    new Function(`${javascript(`${HEAD}${built}`)}\nreturn ${called}();`)(),
  ];
}

/** Bodies whose lists are taken by index, which leaves none of the given text. */
const CHANGED: readonly (readonly [what: string, body: string, gone: RegExp])[] = [
  ['a loop', 'let sum = 0; for (const one of list) sum += one; return sum;', / of /],
  [
    'a loop that goes on, and one that ends',
    'const out: number[] = []; outer: for (const a of list) { for (const b of list) { if (b === 4) continue outer; if (a === 5) break outer; out.push(a * b); } } return out;',
    / of /,
  ],
  [
    'a list that grows while it is walked',
    'const all = [1]; for (const one of all) if (one < 5) all.push(one + 1); return all;',
    / of /,
  ],
  [
    'functions that keep the item',
    'const kept: (() => number)[] = []; for (const one of list) kept.push(() => one); return kept.map((one) => one());',
    / of /,
  ],
  [
    'an item by the name of one inside',
    'const out: number[] = []; for (const one of list) { { const one = 1; out.push(one); } out.push(one); } return out;',
    / of /,
  ],
  [
    'numbers and items',
    'const out: unknown[] = []; for (const [i, one] of list.entries()) out.push(i, one, () => i); return out.map((one) => (typeof one === "function" ? one() : one));',
    / of |entries/,
  ],
  ['bytes', 'let sum = 0; for (const byte of new Uint8Array([1, 2])) sum += byte; return sum;', / of /],
  [
    'a list of a type parameter',
    'const last = <T extends readonly number[]>(all: T) => { let at = 0; for (const one of all) at = one; return at; }; return last(list);',
    / of /,
  ],
  [
    'pairs of a list',
    'const out: unknown[] = []; for (const [name, count] of pairs) out.push(count, name); return out;',
    / of |\[name, count\]/,
  ],
  [
    'pairs of a map',
    'const out: unknown[] = []; for (const [name, count] of map) out.push(count, name); return out;',
    /\[name, count\]/,
  ],
  [
    'items, one left out and one by default',
    'const short: (number | undefined)[] = [1, 2]; const [a, , c = 9] = short; return [a, c];',
    /const \[/,
  ],
  [
    'items in items',
    'const [[name], { length }] = [pairs[0]!, list] as const; return [name, length];',
    /\[name\]/,
  ],
  ['a parameter', 'return pairs.map(([name, count], i) => [name, count, i]);', /\[name, count\]/],
  [
    'a parameter of a function',
    'function add([a, b]: readonly [number, number]) { return a + b; } return add([1, 2]);',
    /\[a, b\]/,
  ],
];

/** Bodies that stay as they are: what is taken has no index, or more is asked of it. */
const KEPT: readonly (readonly [what: string, body: string, stays: RegExp])[] = [
  ['characters', 'const out: string[] = []; for (const one of "a😀") out.push(one); return out;', / of /],
  [
    'members of a set',
    'const out: number[] = []; for (const one of new Set(list)) out.push(one); return out;',
    / of /,
  ],
  ['the rest of a list', 'const [first, ...rest] = list; return [first, rest];', /\.\.\.rest/],
  [
    'a default that names what stands before it',
    'const add = ([a]: readonly [number], b = a) => a + b; return add([2]);',
    /\[a\]/,
  ],
  [
    'entries of a map',
    'const out: unknown[] = []; for (const [name] of map.entries()) out.push(name); return out;',
    /entries/,
  ],
];

describe('the build takes arrays by index', () => {
  const built = written([...CHANGED, ...KEPT].map(([, body]) => body));
  it.each(CHANGED.map((one, i) => [...one, built[i] as string] as const))('%s', (_, body, gone, text) => {
    expect(text).not.toMatch(gone);
    const [expected, got] = results(body, text);
    expect(got).toEqual(expected);
  });
  it.each(KEPT.map((one, i) => [...one, built[CHANGED.length + i] as string] as const))(
    'and leaves %s as they are',
    (_, body, stays, text) => {
      expect(text).toMatch(stays);
      const [expected, got] = results(body, text);
      expect(got).toEqual(expected);
    },
  );
});

it('the build gives fields without a value the value undefined, and no others', () => {
  const [text] = written([
    'class One { a?: number; declare b: string; c = 1; constructor(readonly d: number) {} } return Object.keys(new One(2));',
  ]) as [string];
  const [expected, got] = results('return ["a", "c", "d"]', text);
  expect((got as string[]).sort()).toEqual(expected);
});
