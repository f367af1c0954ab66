import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { iptablesReader } from '../../../src/formats/iptables/index.ts';
import { formatPlace, SourceFile } from '../../../src/text/source.ts';
import { processorTime } from '../../support/processor.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/iptables');

/** A small generator with a seed, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function texts(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return texts(path);
    return entry.name.startsWith('rules.') ? [readFileSync(path, 'utf8')] : [];
  });
}

const PIECES = [
  '\n',
  ' ',
  '"',
  '\\',
  '!',
  '-',
  '--',
  '=',
  '/',
  ':',
  ',',
  '*',
  '#',
  '\0',
  '\r',
  '\t',
  '\ufeff',
  '💥',
  '-j',
  '-A INPUT',
  ' ! ',
  '-m ',
  '-m nothing --such',
  '-p tcp',
  '--dport',
  '*filter\n',
  'COMMIT\n',
  '99999999999999999999',
  '0x',
  '::',
  '/0',
  '[1:2]',
  '-D INPUT 1\n',
  '-I INPUT ',
  '-E ',
  '-X\n',
  '-F\n',
  '-s 1.2.3.4,',
  '-N x\n',
  '%s',
  '__proto__',
  'constructor',
  'toString',
];

function mutate(text: string, other: string, random: (below: number) => number): string {
  let out = text;
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(out.length + 1);
    const length = random(12);
    const kind = random(6);
    if (kind === 0) out = out.slice(0, at) + out.slice(at + length);
    else if (kind === 1) out = out.slice(0, at) + (PIECES[random(PIECES.length)] ?? '') + out.slice(at);
    else if (kind === 2)
      out = out.slice(0, at) + other.slice(random(other.length), random(other.length)) + out.slice(at);
    else if (kind === 3) out = out.slice(0, at) + String.fromCharCode(random(0x3000)) + out.slice(at + 1);
    else if (kind === 4) out = out.slice(0, at);
    else out = swapWords(out, random);
  }
  return out;
}

function swapWords(text: string, random: (below: number) => number): string {
  const words = text.split(/(\s+)/);
  const [a, b] = [2 * random(words.length / 2), 2 * random(words.length / 2)];
  const kept = words[a] as string;
  words[a] = words[b] as string;
  words[b] = kept;
  return words.join('');
}

/** Reads a text as a file, and looks at everything that the reader says of it. */
function read(text: string): number {
  const source = new SourceFile('fuzz', text);
  const format = iptablesReader.detect(source) ?? 'iptables-save';
  const result = iptablesReader.read(source, format, 'fuzz');
  const spans = result.ok
    ? result.value.coverage.map(({ span }) => span)
    : result.errors.map(({ span }) => span);
  if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
  for (const span of spans) {
    if (span === undefined) continue;
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
    expect(formatPlace(span)).toMatch(/^fuzz:\d+:\d+$/);
  }
  return result.ok ? 1 : 0;
}

describe('the iptables reader on mutated fixtures', () => {
  it('neither throws nor hangs, and every place is in the file', () => {
    const all = texts();
    const random = generator(20_261_121);
    let readable = 0;
    let slowest = 0;
    for (let i = 0; i < 3500; i++) {
      const text = all[random(all.length)] as string;
      const mutated = mutate(text, all[random(all.length)] as string, random);
      const started = processorTime();
      readable += read(mutated);
      slowest = Math.max(slowest, processorTime() - started);
    }
    // Usually some milliseconds.
    expect(slowest).toBeLessThan(10_000);
    // Both kinds must occur, or the mutations test nothing.
    expect(readable).toBeGreaterThan(150);
    expect(readable).toBeLessThan(3300);
  });

  it.each([
    ['one endless word', `*filter\n-A INPUT ${'x'.repeat(1_000_000)}\nCOMMIT\n`],
    [
      'a line of 30 million characters',
      `*filter\n-A INPUT -m comment --comment "${'x'.repeat(30_000_000)}" -j ACCEPT\nCOMMIT\n`,
    ],
    ['one endless quote', `*filter\n-A INPUT -m comment --comment "${'\\"'.repeat(500_000)}\nCOMMIT\n`],
    ['many quotes', `*filter\n-A INPUT ${'a"b" '.repeat(200_000)}\nCOMMIT\n`],
    ['many options', `*filter\n-A INPUT ${'-m comment --comment x '.repeat(50_000)}\nCOMMIT\n`],
    ['many matches of one kind', `*filter\n-A INPUT -p tcp ${'-m tcp --dport 1 '.repeat(20_000)}\nCOMMIT\n`],
    [
      'many addresses',
      `*filter\n-A INPUT -s ${'1.2.3.4,'.repeat(100_000)}1.2.3.4 -d ${'1.2.3.4,'.repeat(100_000)}1.2.3.4\nCOMMIT\n`,
    ],
    ['many empty lines', '\n'.repeat(2_000_000)],
    ['many stars', '*\n'.repeat(300_000)],
    ['many sections', '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'.repeat(5_000)],
    ['a chain of jumps', chainOfJumps(30_000)],
    ['many insertions', `*filter\n${'-I INPUT -j ACCEPT\n'.repeat(50_000)}COMMIT\n`],
    [
      'many deletions',
      `*filter\n${'-A INPUT -j ACCEPT\n'.repeat(3_000)}${'-D INPUT -j ACCEPT\n'.repeat(3_000)}COMMIT\n`,
    ],
    ['many ports', `*filter\n-A INPUT -p tcp -m multiport --dports ${'1,'.repeat(200_000)}1\nCOMMIT\n`],
    ['control characters', `*filter\n-A INPUT ${'\u0001\u0002\u001f'.repeat(1000)}\nCOMMIT\n`],
    ['no text', ''],
  ])('ends on %s', (_, text) => {
    const started = processorTime();
    read(text);
    expect(processorTime() - started).toBeLessThan(10_000);
  });
});

function chainOfJumps(length: number): string {
  const names = Array.from({ length }, (_, i) => `c${i}`);
  const rules = names.map((name, i) => (i + 1 < length ? `-A ${name} -j c${i + 1}` : `-A ${name} -j DROP`));
  return `*filter\n${names.map((name) => `:${name} - [0:0]`).join('\n')}\n-A INPUT -j c0\n${rules.join('\n')}\nCOMMIT\n`;
}
