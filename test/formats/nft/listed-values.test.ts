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

function opened(text: string): unknown {
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined);
  const told = read.value.coverage.filter(({ reason }) => /never holds|lists 0/.test(reason)).length;
  const found = openings.filter(({ box }) => box.family === 'ipv4');
  return [...found.map(({ certainty, box }) => `${certainty} ${box.sources?.join()}`), told];
}

// `nft -f` of `ip saddr & 255.128.0.0 == 10.0.0.1`, and programs that load such a comparison, are listed so; the kernel lets nothing pass.
it.each([
  ['ip saddr 10.0.0.1/8 accept', ['possible undefined', 1]],
  ['ip saddr 10.0.0.0/8 accept', ['definite 10.0.0.0-10.255.255.255', 0]],
  ['ip saddr { 10.0.0.1/8, 192.0.2.1 } accept', ['definite 10.0.0.0-10.255.255.255,192.0.2.1', 0]],
  // What nft 1.0.6 lists of `ip saddr . ip ttl { 10.0.0.1 . 255 }`, and of maps without a name.
  ['ip saddr . ip ttl { 10.0.0.1 . 0 } accept', ['possible undefined', 1]],
  ['ip saddr . ip ttl vmap { 10.0.0.1 . 0 : accept, 10.0.0.2 . 0 : drop }', ['possible undefined', 1]],
  ['ip saddr . ip ttl { 10.0.0.1 . 0-255 } accept', ['definite 10.0.0.1', 0]],
])('`%s` in a listing', (rule, expected) => {
  expect(opened(LISTING.replace('RULE', rule))).toEqual(expected);
});

it('is the network in a script, as nft reads it', () => {
  const script = `flush ruleset\n${LISTING.replace('RULE', 'ip saddr 10.0.0.1/8 accept')}`;
  expect(opened(script)).toEqual(['definite 10.0.0.0-10.255.255.255', 0]);
});
