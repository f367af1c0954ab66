import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import schema from '../../../schemas/nft-json.schema.json' with { type: 'json' };
import { nftReader } from '../../../src/formats/nft/index.ts';
import type { Chain } from '../../../src/rule/ruleset.ts';
import { SourceFile, spanText } from '../../../src/text/source.ts';
import { renderResult } from '../iptables/render.ts';
import { inNamespace, KERNEL, steady } from './kernel.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/nft');
const COMMANDS = join(import.meta.dirname, '../../../fixtures/nft-json');
/** Cases that nft refuses, or that say something of files. */
const CASES = readdirSync(ROOT).filter((name) => !name.startsWith('error-'));
const read = (name: string, file: string): string => readFileSync(join(ROOT, name, file), 'utf8');

/** Chains on devices, which nft 1.0 leaves out of its JSON; fixtures/nft-json/devices has what is done about it. */
const unsaid = (chain: Chain): boolean => /^(?:in|e)gress$/.test(chain.base?.hook ?? '');

/** The chains without their places. */
function model(path: string, text: string): readonly Chain[] {
  const result = nftReader.read(
    new SourceFile(path, text),
    path.endsWith('.json') ? 'nft-json' : 'nft',
    'host',
  );
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
  const places = new Set(['span', 'origin']);
  const bare = JSON.stringify(
    result.value.chains.filter((chain) => !unsaid(chain)),
    (key, value: unknown) => (places.has(key) ? undefined : plain(key, value)),
  );
  return JSON.parse(bare) as Chain[];
}

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

describe('a ruleset as text and as JSON', () => {
  it('is there for every fixture', () => {
    expect(CASES.length).toBeGreaterThan(6);
    for (const name of CASES) expect(existsSync(join(ROOT, name, 'listing.json')), name).toBe(true);
  });

  it.each(CASES)('%s: one model', (name) => {
    const text = model('listing.nft', read(name, 'listing.nft'));
    expect(model('listing.json', read(name, 'listing.json'))).toEqual(text);
    expect(text.length).toBeGreaterThan(0);
  });

  it.each(CASES)('%s: the schema describes the listing', (name) => {
    const listing: unknown = JSON.parse(read(name, 'listing.json'));
    expect(validate(listing), JSON.stringify(validate.errors)).toBe(true);
  });

  // This kernel may lack queues; nothing else of the fixtures depends on it.
  it.skipIf(!KERNEL).each(CASES)('%s: nft lists it so', (name) => {
    const script = read(name, 'ruleset.nft').replaceAll(/^.*\bqueue (?:to|num|flags).*\n/gm, '');
    for (const [file, option] of [
      ['listing.nft', ''],
      ['listing.json', '-j'],
    ] as const) {
      const { status, stdout, stderr } = inNamespace(`nft -f - && nft ${option} list ruleset`, script);
      expect(stderr.includes('Error'), stderr).toBe(false);
      expect(status).toBe(0);
      const wanted = steady(stdout);
      if (process.env.POSTERN_UPDATE_LISTINGS === '1') writeFileSync(join(ROOT, name, file), wanted);
      expect(steady(read(name, file))).toBe(wanted);
    }
  });
});

const NEWER = join(import.meta.dirname, '../../../fixtures/nft-newer');

describe('what newer versions of nft list', () => {
  const cases = readdirSync(NEWER).filter((name) => existsSync(join(NEWER, name, 'listing.json')));

  it.each(cases)('%s: one model of text and JSON', (name) => {
    const of = (file: string): readonly Chain[] => model(file, readFileSync(join(NEWER, name, file), 'utf8'));
    expect(of('listing.json')).toEqual(of('ruleset.nft'));
    expect(validate(JSON.parse(readFileSync(join(NEWER, name, 'listing.json'), 'utf8')))).toBe(true);
  });
});

/** Texts of what is not modelled have the words of the listing, which may be names or numbers. */
const worded = (_: string, value: unknown): unknown =>
  value !== null &&
  typeof value === 'object' &&
  'kind' in value &&
  (value.kind === 'opaque' || value.kind === 'note')
    ? { ...value, text: '' }
    : value;
const unworded = (chains: readonly Chain[]): unknown => JSON.parse(JSON.stringify(chains, worded));

/** Ways of listing (`nft(8)`, OPTIONS): handles, numbers for names, names for numbers, without counters. */
const WAYS = [
  '-a',
  '-n',
  '-nn',
  '-s',
  '-S',
  '-T',
  '-y',
  '-a -nn -s -T -y',
  '-j -a',
  '-j -s',
  '-j -n',
  '-j -a -nn -s -T -y',
];

describe.skipIf(!KERNEL)('a ruleset in every way that nft lists it', () => {
  it.each(CASES)('%s', (name) => {
    const script = read(name, 'ruleset.nft').replaceAll(/^.*\bqueue (?:to|num|flags).*\n/gm, '');
    const lists = WAYS.map((way) => `nft ${way} list ruleset; echo %%%%`).join('; ');
    const { status, stdout, stderr } = inNamespace(
      `nft -f - && nft list ruleset; echo %%%%; ${lists}`,
      script,
    );
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
    const [plain = '', ...listings] = stdout.split('%%%%\n');
    const wanted = unworded(model('listing.nft', plain));
    for (const [at, way] of WAYS.entries()) {
      const path = way.startsWith('-j') ? 'listing.json' : 'listing.nft';
      expect(unworded(model(path, listings[at] as string)), way).toEqual(wanted);
    }
  });
});

describe('fixtures/nft-json', () => {
  const all = readdirSync(COMMANDS);

  it('are there', () => {
    expect(all.length).toBeGreaterThan(3);
  });

  it.each(all)('%s', async (name) => {
    const source = new SourceFile('ruleset.json', readFileSync(join(COMMANDS, name, 'ruleset.json'), 'utf8'));
    const result = nftReader.read(source, 'nft-json', 'host');
    expect(result.ok).toBe(!name.startsWith('error-'));
    await expect(renderResult(result)).toMatchFileSnapshot(join(COMMANDS, name, 'expected.txt'));
  });
});

describe('evidence in JSON', () => {
  it('names the handle, and the line of the rule', () => {
    const rules = [1, 2].map((handle) => ({
      rule: {
        family: 'ip',
        table: 't',
        chain: 'c',
        handle: handle + 10,
        expr: [{ counter: { packets: 1, bytes: 2 } }, { drop: null }],
      },
    }));
    const chain = {
      family: 'ip',
      table: 't',
      name: 'c',
      type: 'filter',
      hook: 'input',
      prio: 0,
      policy: 'accept',
    };
    const list = [{ table: { family: 'ip', name: 't' } }, { chain }, ...rules];
    const lines = ['{"nftables": [', list.map((one) => JSON.stringify(one)).join(',\n'), ']}'];
    const source = new SourceFile('x.json', lines.join('\n'));
    expect(nftReader.detect(source)).toBe('nft-json');
    const result = nftReader.read(source, 'nft-json', 'host');
    const origins = result.ok ? (result.value.chains[0]?.rules ?? []).map(({ origin }) => origin) : [];
    expect(origins.map((origin) => spanText(origin))).toEqual(['ip t c # handle 11', 'ip t c # handle 12']);
    expect(origins.map((origin) => source.position(origin.start))).toEqual([
      { line: 4, column: 1 },
      { line: 5, column: 1 },
    ]);
  });

  it('is the place in the text that nft puts where it has no JSON', () => {
    const text =
      'jump {\n\t\t\tmeta mark 1 limit rate 5/second accept\n\t\t\tmeta mark 1 limit rate 5/second accept\n\t\t}';
    const rule = { family: 'ip', table: 't', chain: 'c', handle: 3, expr: [text] };
    const list = [
      { table: { family: 'ip', name: 't' } },
      { chain: { family: 'ip', table: 't', name: 'c' } },
      { rule },
    ];
    const written = JSON.stringify({ nftables: list }).replace('meta', '\\u006deta');
    const result = nftReader.read(new SourceFile('x.json', written), 'nft-json', 'host');
    const rules = result.ok ? result.value.chains.flatMap((chain) => chain.rules) : [];
    const places = rules.map(({ origin }) => written.slice(origin.start, origin.end));
    const limited = 'meta mark 1 limit rate 5/second accept';
    expect(places.slice(1)).toEqual([`\\u006d${limited.slice(1)}`, limited]);
  });
});
