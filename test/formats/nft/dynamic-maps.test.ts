import { describe, expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What comes in from elsewhere, and whether it may be translated. */
function opened(text: string): readonly string[] {
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  return openingsOf(assembled.value.ruleset, 'forward', () => undefined)
    .filter(({ box }) => box.in?.any?.join() !== 'lo' && box.family === 'ipv4')
    .map(({ certainty, box, translated }) =>
      [certainty, box.destinationPorts ?? '*', translated?.destination ?? '-', translated?.port ?? '-'].join(
        ' ',
      ),
    );
}

describe('sets whose elements count and limit', () => {
  it('may have them or not, wherever the limit stands', () => {
    for (const said of [
      'counter limit rate 5/second',
      'limit rate 5/second counter',
      'counter quota over 1 mbytes',
    ])
      expect(
        opened(`table ip t {
  set s { type ipv4_addr; ${said}; elements = { 192.0.2.1 } }
  chain f { type filter hook forward priority 0; policy drop; ip saddr @s accept; }
}`),
      ).toEqual(['possible * - -']);
    expect(
      opened(`table ip t {
  set s { type ipv4_addr; counter; elements = { 192.0.2.1 } }
  chain f { type filter hook forward priority 0; policy drop; ip saddr @s accept; }
}`),
    ).toEqual(['definite * - -']);
  });
});

describe('maps that are filled while packets pass', () => {
  it('may have a verdict for what they do not have in the listing', () => {
    const text = `table ip t {
  map m { type inet_service : verdict; flags dynamic; }
  chain f { type filter hook forward priority 0; policy drop; tcp dport vmap @m; tcp dport 22 accept; }
}`;
    expect(opened(text)).toEqual(['possible 0-21,23-65535 - -', 'possible 22 - -']);
  });

  it('may translate what they do not have in the listing', () => {
    const text = `table ip t {
  map m { type inet_service : ipv4_addr . inet_service; flags dynamic; elements = { 80 : 10.0.0.1 . 8080 } }
  chain p { type nat hook prerouting priority dstnat; dnat to tcp dport map @m; }
  chain f { type filter hook forward priority 0; policy drop; ip daddr 10.0.0.2 tcp dport 443 accept; }
}`;
    expect(opened(text)).toEqual([
      'possible 443 - -',
      'possible * 0.0.0.0-223.255.255.255 0-65535',
      'possible 0-442,444-65535 0.0.0.0-223.255.255.255 0-65535',
    ]);
  });
});
