import { describe, expect, it } from 'vitest';
import { GcpParser, parseGcp } from '../../grammars/gcp/parser.ts';
import { OpenstackParser, parseOpenstack } from '../../grammars/openstack/parser.ts';

describe('ports of Google Cloud', () => {
  it('are an unambiguous grammar', () => expect(() => new GcpParser(true)).not.toThrow());

  it.each([
    ['80', [{ from: 80, to: 80 }]],
    ['8000-8080', [{ from: 8000, to: 8080 }]],
    [
      '80,443, 1-2',
      [
        { from: 80, to: 80 },
        { from: 443, to: 443 },
        { from: 1, to: 2 },
      ],
    ],
    ['', undefined],
    ['80-', undefined],
    ['-80', undefined],
    ['http', undefined],
    ['80;90', undefined],
  ])('ports %j', (text, expected) => expect(parseGcp(text, (parser) => parser.ports())).toEqual(expected));
});

describe('columns of the openstack command', () => {
  it('are an unambiguous grammar', () => expect(() => new OpenstackParser(true)).not.toThrow());

  it.each([
    ['22:22', { kind: 'ports', from: 22, to: 22 }],
    ['22:80', { kind: 'ports', from: 22, to: 80 }],
    ['443', { kind: 'ports', from: 443, to: 443 }],
    ['type=8', { kind: 'icmp', type: 8, code: undefined }],
    ['type=3:code=4', { kind: 'icmp', type: 3, code: 4 }],
    [':code=3', { kind: 'icmp', type: undefined, code: 3 }],
    ['22:', undefined],
    ['type=x', undefined],
    ['22-80', undefined],
  ])('port range %j', (text, expected) =>
    expect(parseOpenstack(text, (parser) => parser.portColumn())).toEqual(expected),
  );

  it('objects follow each other, and values may have quotation marks in them', () => {
    const text = `direction='ingress', id='a'\ndirection='egress', description="it's", id='b'`;
    const read = parseOpenstack(text, (parser) => parser.objects());
    expect(read?.map((fields) => Object.fromEntries(fields))).toEqual([
      { direction: 'ingress', id: 'a' },
      { direction: 'egress', description: "it's", id: 'b' },
    ]);
  });
});
