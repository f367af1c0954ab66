import { describe, expect, it } from 'vitest';
import { type InputFile, type Opening, openings } from '../../src/api.ts';

const config = (text: string): InputFile => ({ path: 'rules', bytes: Buffer.from(text) });

async function open(text: string, hook?: Opening['hook']): Promise<readonly Opening[]> {
  const request = { configs: [config(text)], ...(hook === undefined ? {} : { hook }) };
  const result = await openings(request);
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.value.openings;
}

const filter = (...rules: readonly string[]): string =>
  ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]', ...rules, 'COMMIT', ''].join(
    '\n',
  );

describe('openings', () => {
  it('are none where everything is dropped', async () => {
    expect(await open(filter())).toEqual([]);
  });

  it('belong to the first rule that opens them, and are disjoint', async () => {
    const found = await open(
      filter('-A INPUT -p tcp --dport 20:30 -j ACCEPT', '-A INPUT -p tcp --dport 25:40 -j ACCEPT'),
    );
    expect(found.map(({ box, rules }) => [box.destinationPorts, rules])).toEqual([
      [['20-30'], [{ file: 'rules', line: 5, column: 1 }]],
      [['31-40'], [{ file: 'rules', line: 6, column: 1 }]],
    ]);
  });

  it('of a line that stands for several rules are one', async () => {
    const found = await open(
      filter('-A INPUT -s 10.0.0.1,10.0.0.9 -d 192.0.2.1,192.0.2.9 -p tcp --dport 80 -j ACCEPT'),
    );
    expect(found.map(({ box }) => [box.sources, box.destinations])).toEqual([
      [
        ['10.0.0.1', '10.0.0.9'],
        ['192.0.2.1', '192.0.2.9'],
      ],
    ]);
  });

  it('leave out what an earlier rule drops', async () => {
    const [opening, ...others] = await open(
      filter('-A INPUT -s 10.0.0.0/9 -j DROP', '-A INPUT -s 10.0.0.0/8 -p udp --dport 53 -j ACCEPT'),
    );
    expect(others).toEqual([]);
    expect(opening?.box.sources).toEqual(['10.128.0.0-10.255.255.255']);
  });

  it('of a policy name the line of the chain', async () => {
    const found = await open(filter().replace(':OUTPUT DROP', ':OUTPUT ACCEPT'));
    expect(found).toEqual([
      {
        hook: 'output',
        certainty: 'definite',
        box: { family: 'ipv4' },
        rules: [{ file: 'rules', line: 4, column: 1 }],
      },
    ]);
  });

  it('are possible where a match is not modelled, and never both', async () => {
    const found = await open(
      filter(
        '-A INPUT -p tcp --dport 22 -m recent --name a --rcheck -j ACCEPT',
        '-A INPUT -s 10.0.0.1/32 -p tcp --dport 22 -j ACCEPT',
      ),
    );
    expect(found.map(({ certainty, box }) => [certainty, box.sources])).toEqual([
      ['definite', ['10.0.0.1']],
      ['possible', ['0.0.0.0-10.0.0.0', '10.0.0.2-255.255.255.255']],
    ]);
  });

  it('show where a published port is translated to', async () => {
    const nat = '*nat\n-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n';
    const found = await open(
      `${nat}${filter('-A FORWARD -d 172.17.0.2/32 -p tcp --dport 80 -j ACCEPT')}`,
      'forward',
    );
    const published = found.filter(({ translated }) => translated !== undefined);
    expect(published.map(({ translated, box }) => [translated, box.destinationPorts])).toEqual([
      [{ destination: '172.17.0.2', port: 80 }, ['8080']],
    ]);
  });

  const nat = (...rules: readonly string[]): string => ['*nat', ...rules, 'COMMIT', ''].join('\n');
  const toWeb = filter('-A FORWARD -d 172.17.0.0/24 -p tcp --dport 80 -j ACCEPT');
  const published = async (text: string) =>
    (await open(text, 'forward'))
      .filter(({ box }) => box.destinationPorts?.join() !== '80')
      .map(({ certainty, box, translated, otherTranslations }) => [
        certainty,
        box.destinationPorts,
        translated?.destination,
        otherTranslations?.map((other) => other?.destination ?? null),
      ]);

  it('stand once where chance chooses among destinations, for certain where each of them is open', async () => {
    const balanced = nat(
      '-A PREROUTING -p tcp --dport 8080:8081 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 172.17.0.2:80',
      '-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.3:80',
    );
    expect(await published(`${balanced}${toWeb}`)).toEqual([
      ['definite', ['8080'], '172.17.0.2', ['172.17.0.3']],
      ['possible', ['8081'], '172.17.0.2', undefined],
    ]);
  });

  it('are possible where one of the destinations that chance chooses is closed', async () => {
    const balanced = nat(
      '-A PREROUTING -p tcp --dport 8080 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.9.9.9:80',
      '-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.3:80',
    );
    expect(await published(`${balanced}${toWeb}`)).toEqual([['possible', ['8080'], '172.17.0.3', undefined]]);
  });

  it('stand once where chance decides whether the destination is translated', async () => {
    const some = nat(
      '-A PREROUTING -p tcp --dport 8080 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 172.17.0.2:80',
    );
    const text = `${some}${filter('-A FORWARD -p tcp -j ACCEPT')}`;
    const found = (await published(text)).filter(([, ports]) => `${ports}` === '8080');
    expect(found).toEqual([['definite', ['8080'], undefined, ['172.17.0.2']]]);
  });

  it('are definite with the destination of usual packets, and name that of marked ones', async () => {
    const marked = nat(
      '-A PREROUTING -p tcp --dport 8080 -m mark --mark 1 -j DNAT --to-destination 172.17.0.2:80',
      '-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.3:80',
    );
    expect(await published(`${marked}${toWeb}`)).toEqual([
      ['definite', ['8080'], '172.17.0.3', ['172.17.0.2']],
    ]);
  });

  it('name the policy beside a rule whose match is not modelled', async () => {
    const text = filter('-A INPUT -p tcp --dport 22 -m limit --limit 5/min -j ACCEPT').replace(
      ':INPUT DROP',
      ':INPUT ACCEPT',
    );
    const ssh = (await open(text, 'input')).find(({ box }) => box.destinationPorts?.join() === '22');
    expect(ssh).toMatchObject({ certainty: 'definite', rules: [{ line: 2 }, { line: 5 }] });
  });

  it('can be asked for one hook', async () => {
    const text = filter('-A INPUT -i lo -j ACCEPT', '-A OUTPUT -o lo -j ACCEPT');
    expect((await open(text)).map(({ hook }) => hook)).toEqual(['input', 'output']);
    expect((await open(text, 'output')).map(({ hook }) => hook)).toEqual(['output']);
    expect(await open(text, 'ingress')).toEqual([]);
  });
});
