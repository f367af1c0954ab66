import { describe, expect, it } from 'vitest';
import { openings } from '../../src/api.ts';

/** What masquerading leaves for chains behind it to see; IPv4, tcp. */
async function openedBehind(statement: string): Promise<unknown[]> {
  const rules = `table ip t {
  chain nat { type nat hook postrouting priority 0; masquerade; }
  chain last { type filter hook postrouting priority 101; policy drop; ${statement} accept; }
}
`;
  const found = await openings({
    configs: [{ path: 'rules.nft', bytes: Buffer.from(rules) }],
    hook: 'output',
  });
  const ipv4 = found.ok ? found.value.openings.filter(({ box }) => box.family === 'ipv4') : [];
  return ipv4.map(({ certainty, box }) => [certainty, box.sourcePorts]);
}

/** Which ports masquerading may give: net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple. */
describe('the ports of a masqueraded connection', () => {
  it('that it began with are known, of each class', async () => {
    expect(await openedBehind('tcp sport 0-65535 ct original proto-src { 0, 300, 511, 700, 40000 }')).toEqual(
      [['definite', ['0', '300', '511', '700', '40000']]],
    );
    expect(await openedBehind('tcp sport 0-65535 ct original proto-src { 512, 550-560, 599 }')).toEqual([
      ['definite', ['512', '550-560', '599']],
    ]);
  });

  it('that it has now may be others of the same class', async () => {
    expect(await openedBehind('tcp sport 600')).toEqual([['possible', ['512-1023']]]);
    expect(await openedBehind('tcp sport 550')).toEqual([['possible', ['550']]]);
  });

  it('belong together: a port of one class comes from no other', async () => {
    expect(await openedBehind('tcp sport 1024-65535 ct original proto-src 500')).toEqual([]);
    expect(await openedBehind('tcp sport 550 ct original proto-src 551')).toEqual([]);
    expect(await openedBehind('tcp sport 600-1023 ct original proto-src 551')).toEqual([
      ['possible', ['551']],
    ]);
    expect(await openedBehind('tcp sport 512-1023 ct original proto-src 551')).toEqual([
      ['definite', ['551']],
    ]);
  });
});
