import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../../schemas/ip-addr.schema.json' with { type: 'json' };
import { ipAddrReader } from '../../../src/formats/ip-addr/index.ts';
import type { ConfigPart } from '../../../src/formats/reader.ts';
import { formatAddress, formatPrefix } from '../../../src/packet/address.ts';
import type { Result } from '../../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../../src/text/source.ts';

const ROOT = join(import.meta.dirname, '../../../fixtures/ip-addr');
const CASES = readdirSync(ROOT).sort();

function render(result: Result<ConfigPart>): string {
  if (!result.ok)
    return result.errors
      .map(
        ({ span, message, code }) =>
          `${span === undefined ? '' : formatPlace(span)}: error: ${message} [${code}]`,
      )
      .join('\n');
  const { host, coverage } = result.value;
  return [
    `interfaces: ${host?.interfaces.join(' ')}`,
    ...(host?.addresses ?? []).map((address) => {
      const { family, prefixLength, broadcast, secondary, loopback } = address;
      const more = `${loopback ? ' loopback' : ''}${secondary ? ' secondary' : ''}`;
      const end = broadcast === undefined ? '' : ` broadcast ${formatAddress(family, broadcast)}`;
      return `${address.interface}: ${formatPrefix(family, address.address, prefixLength)}${more}${end}`;
    }),
    ...(host?.ports === undefined ? [] : [`seen as others: ${[...host.ports].join(' ')}`]),
    ...coverage.map(({ span, status, reason }) => `${formatPlace(span)}: ${status}: ${reason}`),
  ].join('\n');
}

/** One folder is one case: `input.json` and, in `expected.txt`, the host's addresses or the error it is. */
describe('ip -j addr fixtures', () => {
  it('are there', () => expect(CASES.length).toBeGreaterThan(20));
  it.each(CASES)('%s', (name) => {
    const source = new SourceFile('input.json', readFileSync(join(ROOT, name, 'input.json'), 'utf8'));
    const actual = `${render(ipAddrReader.read(source, 'ip-addr', 'host'))}\n`;
    const expected = join(ROOT, name, 'expected.txt');
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, actual);
    expect(existsSync(expected), `${expected} is missing`).toBe(true);
    expect(actual).toBe(readFileSync(expected, 'utf8'));
    expect(actual.includes(': error: ')).toBe(name.startsWith('error-'));
    if (!name.startsWith('error-')) expect(ipAddrReader.detect(source)).toBe('ip-addr');
  });
  it.each([
    ['nft JSON', '{"nftables":[]}'],
    ['security groups', '{"SecurityGroups":[{"GroupId":"sg-1"}]}'],
    ['another list', '[{"name":"a","flags":[]}]'],
    ['an ipset', 'create a hash:ip\n'],
    ['nothing', ''],
  ])('%s is none', (_, text) => expect(ipAddrReader.detect(new SourceFile('x', text))).toBeUndefined());
  it('have a schema that is one', () => {
    expect(new Ajv2020({ strict: true }).validateSchema(schema)).toBe(true);
  });
});
