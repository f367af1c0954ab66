import { expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

const LISTING = `table ip t {
\tchain c {
\t\ttype filter hook input priority filter; policy drop;
\t\tRULE
\t}
}
`;

function opened(text: string, format: 'nft' | 'nft-json' = 'nft'): unknown {
  const read = nftReader.read(new SourceFile('x.nft', text), format, 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined);
  const told = read.value.coverage.filter(({ reason }) =>
    /never holds|may list 0|all bits/.test(reason),
  ).length;
  const found = openings.filter(({ box }) => box.family === 'ipv4');
  return [...found.map(({ certainty, box }) => `${certainty} ${box.sources?.join()}`), told];
}

// `nft -f` of `ip saddr & 255.128.0.0 == 10.0.0.1`, and programs that load such a comparison, are listed so; the kernel lets nothing pass.
it.each([
  ['ip saddr 10.0.0.1/8 accept', ['possible undefined', 1]],
  ['ip saddr 10.0.0.0/8 accept', ['definite 10.0.0.0-10.255.255.255', 0]],
  ['ip saddr { 10.0.0.1/8, 192.0.2.1 } accept', ['definite 10.0.0.0-10.255.255.255,192.0.2.1', 0]],
  // What nft 1.0.6 lists of `ip saddr . ip ttl map { 10.0.0.1 . 255 : 1, 10.0.0.1 . 64 : 2 }`.
  [
    'meta mark set ip saddr . ip ttl map { 10.0.0.1 . 0 : 1, 10.0.0.1 . 0 : 2 } accept',
    ['possible undefined', 1],
  ],
  ['meta mark set ip saddr . ip ttl map { 10.0.0.1 . 0 : 1 } accept', ['possible undefined', 1]],
  ['meta mark set ip saddr . ip ttl map { 10.0.0.1 . 0-255 : 1 } accept', ['definite 10.0.0.1', 0]],
  // What it lists of `meta mark . ip ttl { 3 . 5-7 }`, and of `ip ttl . meta mark { 5-7 . 3 }`.
  ['ip saddr 10.0.0.1 meta mark . ip ttl { 0x3 . 0 } accept', ['possible 10.0.0.1', 1]],
  [
    'ip saddr 10.0.0.1 ip ttl . meta mark vmap { 0 . 0x05000000-0x07000000 : accept }',
    ['possible 10.0.0.1', 1],
  ],
  ['ip saddr . ip ttl { 10.0.0.1 . 0-255 } accept', ['definite 10.0.0.1', 0]],
  // What nft lists of `tcp flags { syn, syn }`; it reads it as a question for one bit.
  ['tcp flags { syn } ip saddr 10.0.0.1 accept', ['possible 10.0.0.1', 1]],
  ['ct state { new | established } ip saddr 10.0.0.1 accept', ['possible 10.0.0.1', 'possible 10.0.0.1', 1]],
  ['tcp dport 22 ct state { new } ip saddr 10.0.0.1 accept', ['definite 10.0.0.1', 0]],
  ['tcp flags { syn, ack } ip saddr 10.0.0.1 accept', ['definite 10.0.0.1', 0]],
])('`%s` in a listing', (rule, expected) => {
  expect(opened(LISTING.replace('RULE', rule))).toEqual(expected);
});

it('is the network in a script, as nft reads it', () => {
  const script = `flush ruleset\n${LISTING.replace('RULE', 'ip saddr 10.0.0.1/8 accept')}`;
  expect(opened(script)).toEqual(['definite 10.0.0.0-10.255.255.255', 0]);
});

// nft takes the braces away, and the sign stays: all bits are asked for.
it('is a comparison with the one value of a set in JSON', () => {
  const tcp = { payload: { protocol: 'tcp', field: 'flags' } };
  const source = { payload: { protocol: 'ip', field: 'saddr' } };
  const of = (op: string, right: unknown): unknown => {
    const flags = { match: { op, left: tcp, right } };
    const address = { match: { op: '==', left: source, right: '10.0.0.1' } };
    const place = { family: 'ip', table: 't' };
    const hook = { type: 'filter', hook: 'input', prio: 0, policy: 'drop' };
    const commands = [
      { table: { family: 'ip', name: 't' } },
      { chain: { ...place, name: 'c', ...hook } },
      { rule: { ...place, chain: 'c', expr: [flags, address, { accept: null }] } },
    ].map((add) => ({ add }));
    return opened(JSON.stringify({ nftables: commands }), 'nft-json');
  };
  const both = { set: [{ '|': ['syn', 'ack'] }] };
  expect(of('==', both)).toEqual([0]);
  expect(of('in', both)).toEqual(['definite 10.0.0.1', 0]);
});

// nft 1.0.6 compares a shifted field with what has more bytes than it; other versions may not.
it.each([
  'ip ttl >> 4 == 1 ip saddr 10.0.0.1 accept',
  'ip saddr 10.0.0.1 ip ttl >> 1 vmap { 1 : accept }',
  '@nh,8,8 >> 2 { 1-4 } ip saddr 10.0.0.1 accept',
])('`%s` in a script', (rule) => {
  expect(opened(`flush ruleset\n${LISTING.replace('RULE', rule)}`)).toEqual(['possible 10.0.0.1', 0]);
});
