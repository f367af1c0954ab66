import { expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

// nft 1.0.6 lists so what was loaded as `ip dscp . tcp dport { cs1 . 22 }`, and as `ip version . tcp dport { 4 . 22 }`: the kernel's
// shift of a field of some bits, and values that may be shifted too.
it.each([
  ['ip dscp >> 2 . tcp dport { cs1 . 22 } accept', 'ipv4'],
  ['ip6 dscp >> 6 . tcp dport { cs0 . 22 } accept', 'ipv6'],
  ['ip version >> 4 . tcp dport { 0 . 1024 } accept', 'ipv4'],
  ['ip6 version >> 4 . tcp dport vmap { 0 . 1536 : accept }', 'ipv6'],
])('`%s`: which ports are asked for is not known', (rule, family) => {
  const text = `table inet t {\n\tchain c {\n\t\ttype filter hook input priority filter; policy drop;\n\t\t${rule}\n\t}\n}\n`;
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  const assembled = read.ok ? assemble([read.value]) : read;
  if (!assembled.ok) throw new Error('not read');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined);
  const found = openings.map(({ certainty, box }) => [certainty, box.family, box.destinationPorts ?? 'any']);
  expect(found).toEqual([['possible', family, 'any']]);
});
