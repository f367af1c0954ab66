import { describe, expect, it } from 'vitest';
import { INPUT_FORMATS } from '../../src/api/formats.ts';
import { chooseReader, READERS } from '../../src/api/readers.ts';
import { SourceFile } from '../../src/text/source.ts';

describe('the readers', () => {
  it.each(READERS.map((lazy) => [lazy.formats.join(', '), lazy] as const))(
    'that of %s is what it is said to be before it is loaded',
    async (_, lazy) => {
      const reader = await lazy.load();
      expect(reader.formats).toEqual(lazy.formats);
      expect(reader.detect).toBe(lazy.detect);
    },
  );

  it('read every format that is offered, each by one of them', () => {
    expect(READERS.flatMap(({ formats }) => formats).sort()).toEqual([...INPUT_FORMATS].sort());
  });

  it.each([
    ['*filter\nCOMMIT\n', 'iptables-save'],
    ['create admins hash:ip family inet\n', 'ipset-save'],
    ['[{"ifindex":1,"ifname":"lo","addr_info":[]}]', 'ip-addr'],
  ])('recognise their own: %j', async (text, format) => {
    const choice = await chooseReader(new SourceFile('x', text), undefined);
    expect(choice.ok && choice.value.format).toBe(format);
    expect(choice.ok && choice.value.reader.formats).toContain(format);
  });
});
