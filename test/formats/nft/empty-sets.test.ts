import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What is told of a table's sets: their lines. */
function told(sets: string, command = ''): readonly number[] {
  const text = `table inet t {
${sets}
	chain c {
		type filter hook input priority filter; policy accept;
		ip saddr @s drop
		tcp dport vmap @m
	}
}
${command}
`;
  const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!result.ok) throw new Error(result.errors[0]?.message);
  return result.value.coverage
    .filter(({ reason }) => reason.includes('nft -t'))
    .map(({ span }) => text.slice(0, span.start).split('\n').length)
    .sort();
}

describe('sets without elements', () => {
  const map = 'map m { type inet_service : verdict; }';

  it('are told where no set of the table has any: `nft -t` lists all of them so', () => {
    expect(told(`set s { type ipv4_addr; }\n${map}`)).toEqual([2, 3]);
  });

  it('are empty where another one is not', () => {
    expect(told(`set s { type ipv4_addr; elements = { 192.0.2.1 }; }\n${map}`)).toEqual([]);
  });

  it('are told where only a command adds elements, behind a listing that has none', () => {
    expect(told(`set s { type ipv4_addr; }\n${map}`, 'add element inet t s { 192.0.2.1 }')).toEqual([3]);
  });

  it('are empty where a command takes the elements away', () => {
    const set = 'set s { type ipv4_addr; elements = { 192.0.2.1 }; }';
    expect(told(`${set}\n${map}`, 'delete element inet t s { 192.0.2.1 }')).toEqual([]);
  });

  it('are not told where no rule asks them', () => {
    expect(told(`set s { type ipv4_addr; }\n${map}\nset other { type ipv4_addr; }`)).toEqual([2, 3]);
  });
});
