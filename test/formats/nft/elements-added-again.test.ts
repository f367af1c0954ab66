import { expect, it } from 'vitest';
import { portsIn } from '../../support/nft-ports.ts';

function opened(flags: string, ...commands: readonly string[]): readonly string[] {
  const text = `table ip t {
  set p { type inet_service; ${flags} elements = { 22, 80 }; }
  chain c {
    type filter hook input priority filter; policy drop;
    tcp dport @p accept
  }
}
${commands.join('\n')}
`;
  return portsIn(text, 'adds again');
}

// Each tried with nft 1.0.6: the set has 22 after the first one, and not after the others.
it.each([
  ['flags interval;', ['delete element ip t p { 22 }'], ['definite 80', 'possible 22', 'told']],
  ['flags interval;', ['add element ip t p { 500 }', 'delete element ip t p { 22 }'], ['definite 80,500']],
  ['flags interval;', ['flush set ip t p', 'add element ip t p { 80 }'], ['definite 80']],
  ['', ['delete element ip t p { 22 }'], ['definite 80']],
])('a set with `%s` and %j', (flags, commands, expected) => {
  expect(opened(flags, ...commands)).toEqual(expected);
});
