import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipsetReader } from '../../../src/formats/ipset/index.ts';
import type { ConfigPart } from '../../../src/formats/reader.ts';
import { setCondition } from '../../../src/rule/set-condition.ts';
import type { Result } from '../../../src/text/diagnostic.ts';
import { SourceFile } from '../../../src/text/source.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/ipset');
const CORPUS = join(import.meta.dirname, '../../../../shared/corpus/ipset-save');
const TEXTS = readdirSync(ROOT).map((name) => readFileSync(join(ROOT, name, 'input.ipset'), 'utf8'));

function read(text: string): Result<ConfigPart> {
  return ipsetReader.read(new SourceFile('x.ipset', text), 'ipset-save', 'x');
}

/** Whatever the text: sets, or errors that have a place within it. */
function isAnswered(text: string): void {
  const result = read(text);
  if (result.ok) {
    const sets = new Map(result.value.sets.map((set) => [set.name, set]));
    for (const set of sets.values()) setCondition(set, sets, ['src', 'dst', 'dst'], false);
    return;
  }
  expect(result.errors.length).toBeGreaterThan(0);
  for (const { span } of result.errors) {
    expect(span?.start).toBeGreaterThanOrEqual(0);
    expect(span?.start).toBeLessThanOrEqual(text.length);
  }
}

describe('any text is answered', () => {
  it('mutations of the fixtures', () => {
    const piece = fc.constantFrom(
      ' ',
      '\n',
      '"',
      ',',
      '-',
      '/',
      ':',
      '0',
      '255',
      '-exist',
      'nomatch',
      'add',
      'create',
      'hash:net',
      '\0',
      '#',
      '\r',
      'é',
      '\ud800',
      '0x',
      '::',
      '99999999999999999999',
    );
    const mutation = fc.tuple(fc.nat(), fc.nat({ max: 12 }), piece);
    fc.assert(
      fc.property(
        fc.constantFrom(...TEXTS),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (text, mutations) => {
          let mutated = text;
          for (const [at, cut, insert] of mutations) {
            const place = mutated.length === 0 ? 0 : at % mutated.length;
            mutated = mutated.slice(0, place) + insert + mutated.slice(place + cut);
          }
          isAnswered(mutated);
        },
      ),
      { numRuns: 400 },
    );
  });
  it('lines of the fixtures in any order', () => {
    const lines = TEXTS.flatMap((text) => text.split('\n')).map((line) =>
      line.replace(/\b(create|add) (\S+)/, '$1 s'),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), (some) =>
        isAnswered(some.join('\n')),
      ),
      { numRuns: 250 },
    );
  });
  it('words that are very long, lines without end, and very many commands', () => {
    isAnswered(`add s ${'a'.repeat(250_000)}\n`);
    isAnswered(`create s hash:ip\nadd s ${'1.1.1.1,'.repeat(30_000)}\n`);
    isAnswered('"'.repeat(200_000));
    isAnswered('a'.repeat(5_000_000));
    isAnswered('\n'.repeat(5_000_000));
    isAnswered('flush\n'.repeat(300_000));
  });
  it('deletions from many ranges end, with an error that says so', () => {
    const lines = ['create s hash:ip'];
    for (let i = 1; i < 10_000; i++) lines.push(`add s 10.${i >> 8}.${i & 255}.0-10.${i >> 8}.${i & 255}.9`);
    for (let i = 1; i < 10_000; i++) lines.push(`del s 10.${i >> 8}.${i & 255}.3`);
    const result = read(`${lines.join('\n')}\n`);
    expect(result.ok ? undefined : result.errors[0]?.code).toBe('ipset-too-large');
  });
});

it('a million elements are read in seconds', () => {
  const lines = ['create s hash:net family inet hashsize 1024 maxelem 2000000'];
  for (let i = 1; i <= 1_000_000; i++)
    lines.push(`add s ${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}.0/24`);
  const text = `${lines.join('\n')}\n`;
  const before = process.cpuUsage();
  const result = read(text);
  const { user } = process.cpuUsage(before);
  expect(result.ok && result.value.sets[0]?.elements.length).toBe(1_000_000);
  // 1 to 3 s of processor time, however busy the machine is.
  expect(user / 1e6).toBeLessThan(15);
});

describe('detection', () => {
  it.each(readdirSync(ROOT).filter((name) => !name.startsWith('error-')))('%s is an ipset file', (name) => {
    const source = new SourceFile('x', readFileSync(join(ROOT, name, 'input.ipset'), 'utf8'));
    expect(ipsetReader.detect(source)).toBe('ipset-save');
  });
  it.each([
    ['iptables', '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 10.0.0.1 -j ACCEPT\nCOMMIT\n'],
    [
      'nft script',
      'add table inet filter\nadd set inet filter s { type ipv4_addr; }\nadd element inet filter s { 10.0.0.1 }\n',
    ],
    ['nft listing', 'table inet filter {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n}\n'],
    ['JSON', '[{"ifname":"lo"}]'],
    ['nothing', ''],
  ])('%s is none', (_, text) => expect(ipsetReader.detect(new SourceFile('x', text))).toBeUndefined());
  it('elements without their set are recognised, and reading says what is missing', () => {
    const text = '# saved\nadd blocklist 192.0.2.1\n';
    expect(ipsetReader.detect(new SourceFile('x', text))).toBe('ipset-save');
    const result = read(text);
    expect(result.ok ? undefined : result.errors[0]?.code).toBe('ipset-unknown-set');
  });
});

describe.skipIf(!existsSync(CORPUS))('the corpus', () => {
  const names = existsSync(CORPUS) ? readdirSync(CORPUS) : [];
  it.each(names)('%s', (name) => {
    const text = readFileSync(join(CORPUS, name), 'utf8');
    expect(ipsetReader.detect(new SourceFile(name, text))).toBe('ipset-save');
    const result = read(text);
    // One was anonymised into addresses that are none.
    const anonymised = /^add \S+ a\.a\.a\.a$/m.exec(text);
    expect(result.ok).toBe(anonymised === null);
    if (!result.ok) expect(text.slice(result.errors[0]?.span?.start).startsWith('a.a.a.a')).toBe(true);
    else expect(result.value.sets.flatMap((set) => set.elements).length).toBe(text.match(/^add /gm)?.length);
  });
});
