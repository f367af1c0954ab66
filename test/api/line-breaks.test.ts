import { expect, it } from 'vitest';
import { loadHost } from '../../src/api/host/host.ts';

const rules =
  '# Generated\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
const load = (path: string, text: string) => loadHost([{ path, bytes: Buffer.from(text) }]);

it.each([
  ['iptables-save', 'rules.v4', rules],
  ['nft', 'all.nft', 'table inet filter {\n\tchain input {\n\t\ttcp dport 22 accept\n\t}\n}\n'],
])(
  '%s: lines that end with carriage returns alone are told, and where the first one is',
  async (_, path, text) => {
    const read = await load(path, text.replaceAll('\n', '\r'));
    const [error, more] = read.ok ? [] : read.errors;
    expect(error).toMatchObject({ code: 'line-breaks', span: { start: text.indexOf('\n') } });
    expect(more).toBeUndefined();
  },
);

it('carriage returns before line feeds, at the end and in JSON are none', async () => {
  expect((await load('rules.v4', rules.replaceAll('\n', '\r\n'))).ok).toBe(true);
  expect((await load('all.nft', 'add table inet filter\r')).ok).toBe(true);
  const json = '{\n"nftables": [{"table": {"family": "inet", "name": "filter", "handle": 1}}]\n}\n';
  expect((await load('all.json', json.replaceAll('\n', '\r'))).ok).toBe(true);
});
