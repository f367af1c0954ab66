import { describe, expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

const listing = (rule: string, table = 'inet t'): string => `table ${table} {
	chain c {
		type filter hook input priority filter; policy drop;
		${rule}
		tcp dport 22 accept
	}
}
`;

/** What comes in from elsewhere behind a rule, and how many lines of the coverage are about families. */
function opened(text: string): readonly (string | number)[] {
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined);
  const outside = openings.filter(({ box }) => box.in?.any?.join() !== 'lo');
  return [
    ...outside.map(({ certainty, box }) => `${certainty} ${box.family}`),
    read.value.coverage.filter(({ reason }) => reason.includes('family')).length,
  ];
}

describe('`reject with tcp reset` in a listing of both families', () => {
  it('is of both, which is what nft itself reads; that it may be of one is told once', () => {
    expect(opened(listing('tcp dport 22 reject with tcp reset'))).toEqual([1]);
    const twice = 'tcp dport 22 reject with tcp reset\n\t\ttcp dport 23 reject with tcp reset';
    expect(opened(listing(twice))).toEqual([1]);
  });

  it('is what it says where nft would have listed the family', () => {
    expect(opened(listing('tcp dport 22 counter packets 0 bytes 0 reject with tcp reset'))).toEqual([0]);
    expect(opened(listing('ip saddr 0.0.0.0/0 tcp dport 22 reject with tcp reset'))).toEqual([
      'definite ipv6',
      0,
    ]);
    expect(opened(listing('tcp dport 22 reject with tcp reset', 'ip t'))).toEqual(['definite ipv6', 0]);
  });

  it('is what it says in a script', () => {
    expect(opened(`flush ruleset\n${listing('tcp dport 22 reject with tcp reset')}`)).toEqual([0]);
  });

  it('is of one family where firewalld has made it, and in which is not known', () => {
    const firewalld = listing('tcp dport 22 reject with tcp reset', 'inet firewalld');
    expect(opened(firewalld)).toEqual(['possible ipv4', 'possible ipv6', 1]);
  });
});
