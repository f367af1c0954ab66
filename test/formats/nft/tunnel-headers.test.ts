import { expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

// nft asks for the protocol first (src/proto.c, proto_gre under protocol 47; vxlan and geneve are read behind UDP only).
it.each([
  ['gre version 0', 47],
  ['gre protocol 0x800', 47],
  ['udp dport 4789 vxlan vni 5', 17],
  ['udp dport 6081 geneve vni 5', 17],
])('`%s` is of packets of its protocol alone', (match, protocol) => {
  const text = `table inet t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy drop;\n\t\t${match} accept\n\t}\n}\n`;
  const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'nft');
  const [rule] = (result.ok && result.value.chains[0]?.rules) || [];
  const parts = rule?.match.kind === 'and' ? rule.match.of : [];
  expect(parts).toContainEqual({ kind: 'field', field: 'protocol', values: [protocol, protocol] });
});
