import { describe, expect, it } from 'vitest';
import { nftReader } from '../../src/formats/nft/index.ts';
import type { ConfigPart, InputFormat } from '../../src/formats/reader.ts';
import { assemble } from '../../src/rule/assemble.ts';
import { SourceFile } from '../../src/text/source.ts';

function part(path: string, text: string): ConfigPart {
  const format: InputFormat = path.endsWith('.json') ? 'nft-json' : 'nft';
  const result = nftReader.read(new SourceFile(path, text), format, path);
  if (!result.ok) throw new Error(result.errors.map((error) => error.message).join('; '));
  return result.value;
}

function said(...parts: readonly ConfigPart[]): { chains: string[]; coverage: string[]; errors: string[] } {
  const result = assemble(parts);
  if (!result.ok)
    return {
      chains: [],
      coverage: [],
      errors: result.errors.map(({ code, message }) => `${code}: ${message}`),
    };
  return {
    chains: result.value.ruleset.chains.map(({ id }) => id),
    coverage: result.value.coverage.map(({ span, reason }) => `${span.file.path}: ${reason}`),
    errors: [],
  };
}

const BASE = 'policy accept;';
const text = (family: string, hook: string): string =>
  `table ${family} filter {\n\tchain c {\n\t\ttype filter hook ${hook} priority filter; ${BASE}\n\t\ttcp dport 22 drop\n\t}\n}\n`;

/** A listing of `inet filter` with a set, as text and as JSON. */
const LISTED = `table inet filter {
	set admins {
		type ipv4_addr
		elements = { 192.0.2.7 }
	}
	chain c {
		type filter hook input priority filter; policy drop;
		ip saddr @admins tcp dport 22 accept
	}
}
`;

const json = (port: number): string =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6', release_name: 'x', json_schema_version: 1 } },
      { table: { family: 'inet', name: 'filter', handle: 1 } },
      {
        set: {
          family: 'inet',
          name: 'admins',
          table: 'filter',
          type: 'ipv4_addr',
          handle: 2,
          elem: ['192.0.2.7'],
        },
      },
      {
        chain: {
          ...{ family: 'inet', table: 'filter', name: 'c', handle: 1 },
          ...{ type: 'filter', hook: 'input', prio: 0, policy: 'drop' },
        },
      },
      {
        rule: {
          ...{ family: 'inet', table: 'filter', chain: 'c', handle: 3 },
          expr: [
            { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@admins' } },
            { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: port } },
            { accept: null },
          ],
        },
      },
    ],
  });

describe('tables of one name in two files', () => {
  it('are two where their families are: netdev and inet have names of their own', () => {
    const { chains, errors } = said(
      part('ingress.nft', text('netdev', 'ingress device "eth0"')),
      part('host.nft', text('inet', 'input')),
    );
    expect(errors).toEqual([]);
    expect(chains).toEqual(['ingress.nft netdev filter c', 'host.nft inet filter c']);
  });

  it('are one table given twice where their families are the same', () => {
    const [one, other] = [part('a.nft', text('inet', 'input')), part('b.nft', text('inet', 'input'))];
    expect(said(one, other).errors[0]).toContain('the table `filter` is given twice');
  });

  it('are one layer in text and in JSON, read from the text', () => {
    for (const parts of [
      [part('host.nft', LISTED), part('host.json', json(22))],
      [part('host.json', json(22)), part('host.nft', LISTED)],
    ]) {
      const { chains, coverage, errors } = said(...parts);
      expect(errors).toEqual([]);
      expect(chains).toEqual(['host.nft inet filter c']);
      expect(coverage).toEqual([
        'host.json: the table `inet filter` is given as text too, and is read from there (host.nft:6:2)',
      ]);
    }
  });

  it('are one table given twice where text and JSON say something else', () => {
    expect(said(part('host.nft', LISTED), part('host.json', json(23))).errors).toContain(
      'given-twice: the table `filter` is given twice; the other is at host.nft:6:2',
    );
  });

  it('are one layer where the table is of bridges, and its chain stands at several hooks of IP', () => {
    const bridged =
      'table bridge b {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy accept;\n\t\tiifname "vnet0" drop\n\t}\n}\n';
    const listing = {
      nftables: [
        { metainfo: { json_schema_version: 1 } },
        { table: { family: 'bridge', name: 'b', handle: 1 } },
        {
          chain: {
            ...{ family: 'bridge', table: 'b', name: 'f', handle: 1 },
            ...{ type: 'filter', hook: 'forward', prio: 0, policy: 'accept' },
          },
        },
        {
          rule: {
            ...{ family: 'bridge', table: 'b', chain: 'f', handle: 2 },
            expr: [
              { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'vnet0' } },
              { drop: null },
            ],
          },
        },
      ],
    };
    const { errors } = said(part('host.nft', bridged), part('host.json', JSON.stringify(listing)));
    expect(errors).toEqual([]);
  });

  it('are one layer where a table has sets alone', () => {
    const written = 'table inet t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.7 }\n\t}\n}\n';
    const listing = {
      nftables: [
        { metainfo: { json_schema_version: 1 } },
        { table: { family: 'inet', name: 't', handle: 1 } },
        { set: { family: 'inet', name: 's', table: 't', type: 'ipv4_addr', handle: 1, elem: ['192.0.2.7'] } },
      ],
    };
    const { errors } = said(part('host.nft', written), part('host.json', JSON.stringify(listing)));
    expect(errors).toEqual([]);
  });
});
