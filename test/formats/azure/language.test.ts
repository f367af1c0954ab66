import { describe, expect, it } from 'vitest';
import { AzureParser } from '../../../grammars/azure/parser.ts';
import { readPorts, readPrefixes } from '../../../src/formats/azure/language.ts';

describe('ports and prefixes of Azure', () => {
  it('have a grammar that makes sense', () => expect(() => new AzureParser(true)).not.toThrow());

  it.each([
    ['*', [{ kind: 'any' }]],
    ['443', [{ kind: 'range', from: 443, to: 443 }]],
    [
      ' 80 - 90 ,443',
      [
        { kind: 'range', from: 80, to: 90 },
        { kind: 'range', from: 443, to: 443 },
      ],
    ],
    ["[parameters('port')]", [{ kind: 'expression', text: "[parameters('port')]" }]],
  ])('reads the ports %s', (text, items) => expect(readPorts(text)).toEqual(items));

  it.each(['', '80-', '-80', '80,,90', 'http', '80 90', '0x50', '80-90-100'])(
    'does not read the ports %j',
    (text) => expect(readPorts(text)).toBeUndefined(),
  );

  it.each([
    ['10.0.0.0/8', [{ kind: 'address', text: '10.0.0.0/8' }]],
    ['10.0.0.1-10.0.0.9', [{ kind: 'range', from: '10.0.0.1', to: '10.0.0.9' }]],
    [
      '2001:db8::/32,::1',
      [
        { kind: 'address', text: '2001:db8::/32' },
        { kind: 'address', text: '::1' },
      ],
    ],
    [
      'Storage.WestEurope, VirtualNetwork',
      [
        { kind: 'tag', name: 'Storage.WestEurope' },
        { kind: 'tag', name: 'VirtualNetwork' },
      ],
    ],
    ['*', [{ kind: 'any' }]],
  ])('reads the prefixes %s', (text, items) => expect(readPrefixes(text)).toEqual(items));

  it.each(['', '10.0.0', '10.0.0.0/', ',', '10.0.0.0/8;::/0'])('does not read the prefixes %j', (text) =>
    expect(readPrefixes(text)).toBeUndefined(),
  );
});
