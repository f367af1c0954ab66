import { expect, it } from 'vitest';
import { portsIn } from '../../support/nft-ports.ts';

function opened(...commands: readonly string[]): readonly string[] {
  const text = `table ip t {
  map m { type ipv4_addr . inet_service : verdict; flags interval; }
  chain c {
    type filter hook input priority filter; policy drop;
    ip saddr . tcp dport vmap @m
  }
}
${commands.map((elements) => `add element ip t m { ${elements} }`).join('\n')}
`;
  return portsIn(text, 'another order');
}

// nft 1.0.6 adds what the third command says before what the second one does: the kernel takes 192.0.2.20 to port 22.
it.each([
  [
    ['192.0.2.1 . 1 : drop', '192.0.2.10-192.0.2.30 . 22 : drop', '192.0.2.20 . 20-30 : accept'],
    ['possible undefined', 'told'],
  ],
  // In the order in which they stand the kernel would refuse these.
  [
    ['192.0.2.1 . 1 : drop', '192.0.2.10-192.0.2.30 . 22-25 : drop', '192.0.2.20 . 23 : accept'],
    ['possible undefined', 'told'],
  ],
  [
    ['192.0.2.1 . 1 : drop, 192.0.2.10-192.0.2.30 . 22 : drop', '192.0.2.20 . 20-30 : accept'],
    ['definite 20-21,23-30'],
  ],
  [
    ['192.0.2.1 . 1 : drop', '192.0.2.10-192.0.2.30 . 22 : drop, 192.0.2.20 . 20-30 : accept'],
    ['definite 20-21,23-30'],
  ],
  [
    ['192.0.2.1 . 1 : drop', '192.0.2.10-192.0.2.30 . 22 : accept', '192.0.2.20 . 20-30 : accept'],
    ['definite 22', 'definite 20-30'],
  ],
])('overlapping elements of the commands %j', (commands, expected) => {
  expect(opened(...commands)).toEqual(expected);
});
