import { expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What is said of a map of so many keys, each around all before it. */
function said(count: number): readonly string[] {
  const keys = Array.from({ length: count }, (_, i) => {
    const [lo, hi] = [count - i, count + i];
    const address = (value: number): string => `10.0.${value >> 8}.${value & 255}`;
    return `${address(lo)}-${address(hi)} . 1000-${2000 + i} : ${i % 2 === 0 ? 'drop' : 'accept'}`;
  });
  const text = `table ip t {
  map m {
    type ipv4_addr . inet_service : verdict
    flags interval
    elements = { ${keys.join(',\n')} }
  }
  chain c {
    type filter hook input priority filter; policy drop;
    ip saddr . tcp dport vmap @m
  }
}
`;
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  return read.value.coverage.map(({ reason }) => reason);
}

it('is exact about keys in keys', () => {
  expect(said(100)).toEqual([]);
});

// Each pair of them makes a part of a rule: 1,500 keys took half a minute and 1.8 GB.
it('leaves open which of very many keys in keys answers', () => {
  expect(said(400)).toEqual([expect.stringMatching(/ is not modelled: .* possible$/)]);
});
